"""Names, teas, sentences: what the demo is made of. All invented; domains under .example."""

FIRST = {
    "en": "Amelia Oliver Priya Daniel Ruth Samuel Grace Tom Harriet Ben Isla Noah Freya Leo Maya George Ines Owen Ruby Theo".split(),
    "de": "Jonas Lena Maren Felix Birgit Theo Anna Lukas Clara Moritz Sabine Jan Ida Emil Greta Paul Marie Karl Nora Finn".split(),
    "sv": "Greta Åsa Elin Oskar Maja Nils Astrid Erik Linnea Hugo Sara Axel Alva Viggo Ebba".split(),
    "fr": "Amélie Lucas Camille Hugo Chloé Jules Manon Louis Inès Antoine Élise Théo Margaux Gabriel Zoé".split(),
    "es": "Lucía Mateo Carmen Pablo Elena Tomás Sofía Álvaro Irene Diego Marta Javier Nuria Sergio Alba".split(),
    "ja": "Hana Ren Yui Sora Aoi Haruto Mei Riku Sakura Yuto".split(),
}
LAST = {
    "en": "Adler Osei Raman Hughes Okafor Marsh Bennett Clarke Patel Fraser Whitby Doyle Ahmed Lewis Grant Carver Moss Hale".split(),
    "de": "Weber Krause Nowak Holt Brandt Vogel Schuster Lorenz Berger Keller Arndt Seidel Winter Roth Hahn Jäger Engel".split(),
    "sv": "Lindqvist Berg Nyström Holm Sandberg Dahl Ekström Åberg Lund Forsberg".split(),
    "fr": "Fournier Moreau Lefèvre Garnier Rousseau Marchand Colin Perrin Blanc Faure".split(),
    "es": "Marín Rey Ortega Vidal Campos Serrano Nieto Prieto Herrera Molina".split(),
    "ja": "Kobayashi Tanaka Mori Ishii Fujita Ueno Sato Hayashi".split(),
}
PLACES = {
    "en": [("London", "GB", "Europe/London"), ("Leeds", "GB", "Europe/London"), ("Dublin", "IE", "Europe/Dublin")],
    "de": [("Leipzig", "DE", "Europe/Berlin"), ("Berlin", "DE", "Europe/Berlin"), ("Wien", "AT", "Europe/Vienna")],
    "sv": [("Göteborg", "SE", "Europe/Stockholm"), ("Malmö", "SE", "Europe/Stockholm")],
    "fr": [("Lyon", "FR", "Europe/Paris"), ("Nantes", "FR", "Europe/Paris")],
    "es": [("Valencia", "ES", "Europe/Madrid"), ("Bilbao", "ES", "Europe/Madrid")],
    "ja": [("Kyōto", "JP", "Asia/Tokyo"), ("Tōkyō", "JP", "Asia/Tokyo")],
}
SHARES = [("de", 40), ("en", 30), ("sv", 10), ("fr", 9), ("es", 8), ("ja", 3)]
PAGES = [
    ("/kettles/0-6", "Gooseneck kettle 0.6 l"),
    ("/kettles/1-0", "Stove kettle 1.0 l"),
    ("/tea/assam", "Second flush Assam"),
    ("/tea/oolong", "Cold evenings oolong"),
    ("/tea/sencha", "First flush sencha"),
    ("/cups/quiet", "Quiet cups, set of two"),
    ("/journal/slow-water", "Slow water, good water"),
    ("/care/lid", "Care for your lid"),
    ("/shops", "Our shops"),
    ("/advent", "Advent: 24 teas"),
]
PRODUCTS = [
    ("Second flush Assam 250 g", 1890),
    ("Cold evenings oolong 100 g", 2350),
    ("First flush sencha 100 g", 2690),
    ("Gooseneck kettle 0.6 l", 8900),
    ("Stove kettle 1.0 l", 7400),
    ("Quiet cups, set of two", 4200),
    ("Tea tin, oak lid", 2900),
    ("Filter paper, 100", 690),
    ("Advent: 24 teas", 4900),
]
GLAD = [
    "The Assam is the best I have had in years. Thank you!",
    "My kettle arrived a day early and it pours beautifully.",
    "Lovely tasting evening in the shop, we will come again.",
    "Still my favourite oolong. Please never change it.",
    "Your answer was quick and kind, thank you.",
    "The quiet cups are wonderful, my mother loves them.",
]
CROSS = [
    "The Assam came soaked, the second time this autumn.",
    "Third lid that cracks. Is this a joke?",
    "My parcel went to the neighbour again, I am disappointed.",
    "The tea tin leaks. Terrible quality for that price.",
    "I have written twice now and nobody answers. Awful.",
    "Prices went up again. Not happy.",
]
ASKING = [
    "Does the new gooseneck spout fit the 0.6 l as well?",
    "Which first flush for cold brew?",
    "Do you ship to Norway?",
    "Is the oolong organic?",
    "Can I get the lid as a spare part?",
    "When is the next tasting in Gothenburg?",
]
SHOPS = ["Haga shop, till 2", "Leipzig shop, till 1", "Market hall stand", "Leeds pop-up"]
LETTERS = [
    ("What autumn does to oolong", "letter"),
    ("A lid, a spout, a promise", "letter"),
    ("Slow water, good water", "letter"),
    ("The spring tins are here", "offers"),
    ("How we picked the first flush", "letter"),
    ("Two cups for one evening", "offers"),
    ("What your kettle would say", "letter"),
    ("Cold brew, three ways", "letter"),
    ("The small summer sale", "offers"),
    ("Back to the pot", "letter"),
    ("Advent, early list", "offers"),
]
