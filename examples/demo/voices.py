"""What the simulated customers of Postbird say: names, companies, and answers in their own words.

Only material; who says what is decided in `history.py`.
"""

from __future__ import annotations

from typing import Final

_FIRST_NAMES = """
Ada Aisha Amara Anders Anneli Arjun Astrid Bao Beatriz Bram Camille Chidi Clara Dario Deniz Dilnoza Eero Elif
Emeka Enzo Esther Fatima Femke Finn Freya Gael Giulia Hana Hiroshi Ines Ioana Ivo Jamal Jana Jonas Kaito Kofi
Lars Leila Linnea Lucia Luka Maeve Malik Mara Mateo Mei Mila Minh Nadia Naoki Nia Noah Noor Olga Omar Paolo
Petra Priya Quentin Rafael Ravi Rosa Ruben Sadia Samir Sanne Selin Signe Sofia Stefan Tamar Tariq Thandi Tomas
Uma Valeria Vera Wanjiru Xavier Yara Yusuf Zainab Zoltan
"""

_COMPANY_FIRST = """
alder amber birch bright clear copper coral delta elm ember fern field harbor hazel honey iron juniper lark
linden lumen maple meadow mill north oak ocean olive pebble pine quiet river rowan sage salt silver slate
stone summer swift tidal willow
"""
_COMPANY_LAST = """
apparel bakery bikes books brewing ceramics clinic coffee cycles design florist foods garden goods health
labs letters logistics optics outdoors paper pharma prints roasters school studio supply tea theatre tools
travel wines works yoga
"""

FIRST_NAMES: Final = tuple(_FIRST_NAMES.split())
COMPANY_FIRST: Final = tuple(_COMPANY_FIRST.split())
COMPANY_LAST: Final = tuple(_COMPANY_LAST.split())
PROVIDERS: Final = ("Namewise", "Cloudmoor", "HostBay", "Registra", "Zonehub")

CONFUSED: Final = (
    "I did not know where to paste the two lines.",
    "What is a zone? I only have a login at the place where I bought the name.",
    "The error just said NXDOMAIN. I had to look up what that means.",
    "I added the record, but apparently with the domain in it twice.",
    "It never tells you which of the two records is missing.",
    "I clicked on “authoritative zone” because it looked like a link. Nothing happened.",
    "I could not find the values I was supposed to copy.",
    "Is it a TXT or a CNAME? The page uses both words for the same thing, it seems.",
    "My DNS host calls the fields something completely different.",
    "I thought it was checking by itself, so I waited for half an hour.",
    "No idea whether I had to wait or had done it wrong.",
    "I pressed the button four times and got four different moods of the same error.",
    "“Selector” and “token” mean nothing to me, sorry.",
    "I put quotes around the value and that was wrong, I found out by accident.",
    "The help page is good, but I only found it through a search engine.",
    "I was lost from the moment it said authoritative.",
)
CONFUSED_WISH: Final = (
    "Please show the records as a table that I can copy.",
    "A picture of where to click would have helped.",
    "Say what is missing instead of a code.",
    "Tell me how long it takes, then I would not worry.",
    "One clear sentence at the top would be enough.",
    "Just give me the lines with a copy button.",
    "A link to the right page of my DNS host would be lovely.",
    "It would help to see which record was found.",
)
FAILING: Final = (
    "It kept failing although everything was there.",
    "Three failures in a row, then it worked and I have no clue why.",
    "The check is really annoying, it forgets what it found a minute ago.",
    "I hate that it says “failed” while the DNS is still spreading.",
    "It failed, failed, failed. I nearly gave up on the whole thing.",
    "The same error for two days, this is terrible.",
    "Painfully slow, and each try ends in the same useless message.",
)
DOUBTFUL: Final = (
    "I was not sure that I would not break our mail with this.",
    "I did not dare to press save, we have other records there.",
    "Does this affect the mail we already receive? It does not say.",
    "I was worried about changing the DNS in the middle of the day.",
    "It was not clear whether I can undo this.",
)
NO_ACCESS: Final = (
    "Our IT department owns the DNS. I cannot change anything there.",
    "I need to open a ticket with the network team, that takes a week.",
    "I have no rights for our zone, and I cannot invite the person who has.",
    "Nobody told me that I would need an administrator for this.",
    "Our DNS is run by an outside company and I do not even know which.",
    "Security has to approve every DNS change, so this is blocked.",
    "I am in marketing. I do not have access to DNS and never will.",
    "The colleague who can change it is on holiday.",
    "I had to take screenshots of the records and mail them to IT. Awkward.",
    "We have a change freeze, so I am stuck until next month.",
)
NO_ACCESS_WISH: Final = (
    "Let me send the instructions to a colleague.",
    "A link that I can forward to IT would solve it.",
    "Can I invite our admin for just this one step?",
    "A PDF for the IT department, please.",
    "Let me start with a test domain of yours meanwhile.",
    "I would carry on if I could do this part later.",
)
PLEASED: Final = (
    "Quick and easy, thank you.",
    "Worked the first time, great.",
    "Much easier than with the tool we had before.",
    "Nice, five minutes and done.",
    "Really smooth. I like how fast the check is.",
    "Fine for me, but I do this for a living.",
    "All good, nothing to fix.",
    "I love that it tells me when the record was found.",
)
NO_TIME: Final = (
    "I will do it at the weekend.",
    "Not now, we launch next month.",
    "I only wanted to look around first.",
    "It is on my list.",
)
CONFUSED_GERMAN: Final = (
    "Ich wusste nicht, wo ich die Einträge machen soll.",
    "Die Fehlermeldung sagt mir gar nichts.",
    "Welcher der beiden Einträge fehlt denn?",
    "Eine Schritt-für-Schritt-Anleitung auf der Seite wäre gut.",
)
NO_ACCESS_GERMAN: Final = (
    "Das DNS macht bei uns die IT, ich darf da nicht ran.",
    "Dafür brauche ich ein Ticket, das dauert eine Woche.",
)
PLEASED_GERMAN: Final = (
    "Ging schnell, danke.",
    "Hat auf Anhieb geklappt.",
)
OTHER_CAUSE: Final = (
    "Waiting for the DNS to spread",
    "My own typing mistakes",
    "Had to find the password of our DNS host",
    "The meeting in between",
)
OTHER_BLOCKER: Final = (
    "We are changing our DNS host this week",
    "Still choosing the domain",
    "Somebody else is looking after it",
)
