// The network's servers listen on every interface; here they are heard on this machine alone.
const net = require("net");
const listen = net.Server.prototype.listen;
const isPort = (value) => typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value));

net.Server.prototype.listen = function (first, ...rest) {
  if (isPort(first)) {
    if (typeof rest[0] === "string") rest.shift();
    return listen.call(this, first, "127.0.0.1", ...rest);
  }
  const isPlace = first && typeof first === "object" && first.port !== undefined;
  return listen.call(this, isPlace ? { ...first, host: "127.0.0.1" } : first, ...rest);
};
