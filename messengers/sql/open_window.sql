-- Somebody wrote to a sender: its window for their number is open from that moment, or a later one that we know of.
INSERT INTO messengers_whatsappwindow AS w (workspace_id, sender_id, contact_id, number, last_at)
VALUES (%(workspace)s, %(sender)s, %(contact)s, %(number)s, %(at)s)
ON CONFLICT (workspace_id, sender_id, number) DO UPDATE
SET last_at = greatest(w.last_at, excluded.last_at), contact_id = excluded.contact_id
