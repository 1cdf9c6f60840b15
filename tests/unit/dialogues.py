"""Invented conversations: what a follow-up must and must not say once it stands by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """A question after others. ``holds`` and ``lacks``: words of the completed question; both empty: left alone."""

    history: tuple[str, ...]
    question: str
    holds: str = ""
    lacks: str = ""

    @property
    def is_follow_up(self) -> bool:
        """Whether the question needs the earlier ones."""
        return bool(self.holds)


# The rules were written with these in view.
DEVELOPED = (
    Turn(("What arms has China sold to Bolivia?",), "And to Venezuela?", "arms China sold Venezuela", "Bolivia and"),
    Turn(("How much did Brazil spend on defence in 2008?",), "And in 2010?", "Brazil defence 2010", "2008"),
    Turn(("How much did Brazil spend on defence in 2008?",), "What about Chile?", "Chile defence 2008", "Brazil about"),
    Turn(("How much did Brazil spend on defence in 2008?",), "And since 2010?", "Brazil since 2010", "2008 in"),
    Turn(("How much did Brazil spend on defence?",), "On education?", "Brazil education", "defence"),
    Turn(("When did Bolivia order the satellite?",), "Why?", "why Bolivia order satellite", "when"),
    Turn(("What arms has China sold to Bolivia?",), "When?", "when arms China Bolivia"),
    Turn(("Did Brazil pay for the jets?",), "How much?", "how much Brazil pay jets"),
    Turn(("Who built the Túpac Katari satellite?",), "Who else?", "who else built Túpac Katari satellite"),
    Turn(("Who built the Túpac Katari satellite?",), "How much did it cost?", "much Túpac Katari satellite cost", "it"),
    Turn(("What arms has China sold to Bolivia?",), "Who built them?", "who built arms China Bolivia", "them"),
    Turn(("Did Brazil cut its defence budget?",), "Is that true of Peru?", "Peru cut budget", "Brazil true"),
    Turn(("Why did Ecuador leave the council?",), "How large is its army?", "large Ecuador's army", "its council"),
    Turn(("What do the armed forces of Peru buy?",), "How large is their budget?", "armed forces Peru budget", "their"),
    Turn(("How much did the Túpac Katari satellite cost?",), "Who paid for the satellite?", "paid Túpac Katari"),
    Turn(("Which is the smallest member of UNASUR?",), "And the largest?", "largest member UNASUR", "smallest"),
    Turn(("Who was the first president of Brazil?",), "And the second?", "who second president Brazil", "first"),
    Turn(("What is Chile's defence budget?",), "And Brazil's?", "Brazil's defence budget", "Chile's"),
    Turn(("Does Argentina claim the Falkland Islands?",), "And Chile?", "Chile claim Falkland Islands", "Argentina"),
    Turn(("Why did Brazil buy jets?",), "Did Chile?", "did Chile buy jets", "Brazil why"),
    Turn(("How many countries signed the treaty?",), "Which ones?", "which countries signed treaty", "ones many"),
    Turn(("How many jets did Peru buy?",), "How many helicopters?", "how many helicopters Peru buy", "jets"),
    Turn(("Who was Simón Bolívar?",), "When was he born?", "when Simón Bolívar born", "he"),
    Turn(("Who is the president of Ecuador?",), "When was he elected?", "when president Ecuador elected", "he"),
    Turn(("Why did Ecuador break off relations with Colombia?",), "When did it restore them?",
         "when Ecuador restore relations Colombia", "it them"),
    Turn(("What arms has China sold to Bolivia?", "And to Venezuela?"), "And Peru?", "arms China sold Peru",
         "Bolivia Venezuela"),
    Turn(("What arms has China sold to Bolivia?", "And to Venezuela?"), "Why?", "why arms China Venezuela", "Bolivia"),
    Turn(("How much did the Túpac Katari satellite cost?",), "Who paid?", "who paid Túpac Katari satellite"),
    Turn(("Which insurance covers water damage?",), "And fire damage?", "insurance covers fire damage", "water"),
    Turn(("How long does the guarantee of the boiler last?",), "And of the pump?", "guarantee pump last", "boiler"),
    Turn(("Where does the river Elbe begin?",), "Where does it end?", "where river Elbe end", "it begin"),
    Turn(("When was the bridge built?",), "By whom?", "whom bridge built"),
    Turn(("What is the role of the defence council?",), "Who chairs that council?", "chairs defence council", "that"),
    Turn(("When did Bolivia order the satellite?",), "When was that?", "when Bolivia order satellite"),
    Turn(("Does Bolivia have a satellite?",), "Does Peru have one?", "Peru have satellite", "one Bolivia"),
    Turn(("When did Brazil host the summit in Manaus?",), "Who went there?", "who went Manaus"),
    # New topics.
    Turn(("What arms has China sold to Bolivia?",), "What arms has Russia sold?"),
    Turn(("What arms has China sold to Bolivia?",), "Why did Argentina withdraw its ambassador?"),
    Turn(("When did Bolivia order the satellite?",), "Is it true that Brazil left the council?"),
    Turn(("When did Bolivia order the satellite?",), "How many members are there in UNASUR?"),
    Turn(("Who built the satellite?",), "What is deterrence?"),
    Turn(("Who built the satellite?",), "Falkland Islands sovereignty"),
    Turn(("Who built the satellite?",), "Which countries increased their budgets in 2010?"),
    Turn(("Who built the satellite?",), "When Brazil bought the jets, did it pay cash?"),
    Turn(("How many jets did Peru buy?",), "What does the paper that China published say about energy?"),
    Turn(("How many jets did Peru buy?",), "What about the drug trade in Colombia?"),
    Turn(("How many jets did Peru buy?",), "How do the forces of Brazil compare with those of Chile?"),
)  # fmt: skip

# Written before any of them was tried, and never used to change a rule.
HELD_OUT = (
    Turn(("Which weapons did Russia deliver to Venezuela?",), "And to Nicaragua?", "weapons Russia Nicaragua",
         "Venezuela"),
    Turn(("How many soldiers does Colombia have?",), "And Ecuador?", "soldiers Ecuador have", "Colombia"),
    Turn(("What was the inflation rate in Argentina in 2009?",), "And in 2012?", "inflation Argentina 2012", "2009"),
    Turn(("What was the inflation rate in Argentina in 2009?",), "And in Chile?", "inflation Chile 2009", "Argentina"),
    Turn(("Who signed the Treaty of Tlatelolco?",), "When?", "when signed Treaty Tlatelolco"),
    Turn(("Did Britain send a destroyer to the Falklands?",), "Why?", "why Britain send destroyer Falklands"),
    Turn(("Where is the headquarters of the Bank of the South?",), "When was it founded?",
         "when founded Bank South", "it"),
    Turn(("Why did Paraguay lose its seat?",), "When did it get it back?", "when Paraguay get back"),
    Turn(("Who commands the Brazilian navy?",), "How many ships does it have?", "ships Brazilian navy", "it"),
    Turn(("Which countries voted against the resolution?",), "Why did they do so?", "why countries voted resolution"),
    Turn(("What did the White House announce in April?",), "And in May?", "White House announce May", "April"),
    Turn(("Which vaccine is given to infants?",), "And to adults?", "vaccine given adults", "infants"),
    Turn(("How often must the filter be changed?",), "And the oil?", "often oil changed", "filter"),
    Turn(("How do I cancel my contract?",), "How much does that cost?", "much cost cancel contract"),
    Turn(("Who wrote the report on piracy?",), "What does it recommend?", "report piracy recommend", "it"),
    Turn(("What is the capital of Uruguay?",), "What about Paraguay?", "capital Paraguay", "Uruguay"),
    Turn(("Who is the secretary general of UNASUR?",), "Where was she born?", "where secretary general UNASUR born",
         "she"),
    Turn(("When did the FARC declare a ceasefire?",), "How long did it last?", "long ceasefire last"),
    Turn(("Which ports does the company operate?",), "Which is the busiest?", "busiest ports company"),
    Turn(("How many tanks did Venezuela order?",), "How many did it receive?", "many tanks Venezuela receive"),
    Turn(("Has Chile ratified the convention?",), "And has Peru?", "Peru ratified convention", "Chile"),
    Turn(("When does the library open on Monday?",), "And on Sunday?", "library open Sunday", "Monday"),
    Turn(("What does the warranty cover?",), "What else?", "what else warranty cover"),
    Turn(("Where did the peace talks start?",), "Who took part in them?", "who part peace talks", "them"),
    Turn(("Who leads the Shining Path?",), "Where do they operate?", "where Shining Path operate", "they"),
    Turn(("Which bases did the United States use in Colombia?",), "Who objected to this?",
         "who objected bases United States Colombia"),
    Turn(("How much cocaine is produced in Peru?",), "And heroin?", "heroin produced Peru", "cocaine"),
    Turn(("How much cocaine is produced in Peru?", "And in Bolivia?"), "And in 2011?", "cocaine Bolivia 2011",
         "Peru"),
    Turn(("How much cocaine is produced in Peru?", "And in Bolivia?"), "Who buys it?", "who buys cocaine", "it"),
    Turn(("Who won the War of the Pacific?",), "What were the causes?", "causes War Pacific"),
    Turn(("Does NATO have a partner in South America?",), "Who is it?", "who NATO partner South America"),
    Turn(("Did Hugo Chávez visit Moscow?",), "What did he buy?", "what Hugo Chávez buy", "he"),
    Turn(("How fast is the train to Lisbon?",), "How expensive?", "how expensive train Lisbon"),
    Turn(("What is the longest river in Brazil?",), "And the deepest lake?", "deepest lake Brazil", "river"),
    Turn(("How does the Antarctic Treaty regulate mining?",), "What does the treaty say about tourism?",
         "Antarctic Treaty tourism"),
    Turn(("What did Unilever earn in 2019?", "And in 2020?"), "How about Nestlé?", "Nestlé earn 2020", "Unilever 2019"),
    Turn(("Which drug treats malaria?",), "Does it have side effects?", "drug treats malaria side effects"),
    Turn(("Who supports Argentina's claim to the islands?",), "Since when?", "since when supports Argentina's claim"),
    # New topics.
    Turn(("Which weapons did Russia deliver to Venezuela?",), "How many soldiers does Colombia have?"),
    Turn(("Which weapons did Russia deliver to Venezuela?",), "Has Peru modernised its air force?"),
    Turn(("How do I cancel my contract?",), "Is there a discount for students?"),
    Turn(("How do I cancel my contract?",), "opening hours of the office"),
    Turn(("Who leads the Shining Path?",), "Who leads the Liberal Party?"),
    Turn(("Who leads the Shining Path?",), "What did Spain say when Bolivia seized its airports?"),
    Turn(("How often must the filter be changed?",), "Why do cats purr?"),
    Turn(("What is the capital of Uruguay?",), "Is it possible to drink the water in Lima?"),
    Turn(("Where did the peace talks start?",), "What happened in Bogotá in 1948?"),
    Turn(("Who wrote the report on piracy?",), "Which pirates attacked ships and sold them in Panama?"),
    Turn(("Has Chile ratified the convention?",), "How much is a ticket?"),
    Turn(("When did the FARC declare a ceasefire?",), "Explain the doctrine of mutual assured destruction"),
)  # fmt: skip
