"""A little English for turning statements into questions: simple pasts and participles, numbers, dates.

Forms are made from base forms that are listed, never guessed from an ending: a question with ``did nee`` helps nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_REGULAR = """
    abandon abolish accept accuse achieve acquire add address admit adopt agree allow amount announce answer appear
    appoint approve argue arrest arrive ask assign attack attend award ban base block call cancel capture cause change
    claim close command commission complain complete conclude condemn confirm conquer control convene cover create
    cross damage decide declare defeat defend deliver demand deny deploy describe destroy develop devote direct
    disappear discover discuss dismiss dissolve donate double draft drop elect employ enable end endorse enter
    establish estimate evacuate exceed exclude expand expect expel explain export express extend fail finance finish
    follow force formalise found fund gain govern grant guarantee halt help host identify impose improve increase
    import influence inform install introduce invade invent invest invite involve issue join kill land last launch limit
    list locate manage march mark mediate merge move name negotiate nominate observe obtain occupy offer open operate
    oppose order organise organize own pass permit pioneer place plan play possess prefer present press
    prevent produce prohibit promise promote propose prove provide publish purchase pursue push quadruple raise rank
    ratify reach receive recognise recognize recommend record reduce refer refuse reject release remain remove rename
    renew repeal replace report request require resign resolve restore restrict result retain retire return reveal
    reverse revise rule sanction secure seize serve settle share shape sign specify sponsor start state stop
    strengthen study succeed suffer suggest supply support surrender survive suspend test threaten total train
    transfer transform transport travel treat triple turn unveil urge use value violate visit voice vote want warn
    welcome widen work advise allocate appeal apply blame cease classify commit consult continue date deepen decline
    denounce exist expire hope ignore inaugurate insist lack note number quote reply station stress sustain tour trust
    weaken
"""
_DOUBLED = frozenset(
    {"admit", "ban", "commit", "control", "drop", "expel", "permit", "plan", "prefer", "refer", "stop", "travel"}
)
# base, past, participle
_IRREGULAR = """
    become became become | begin began begun | bind bound bound | bring brought brought | build built built
    | buy bought bought | catch caught caught | choose chose chosen | cost cost cost | cut cut cut
    | draw drew drawn | fall fell fallen | fight fought fought | find found found | fly flew flown | give gave given
    | go went gone | have had had | grow grew grown | hold held held | keep kept kept | lead led led | leave left left
    | lend lent lent | lose lost lost | make made made | meet met met | oversee oversaw overseen | pay paid paid
    | put put put | rise rose risen | run ran run | sell sold sold | send sent sent | set set set
    | shoot shot shot | sink sank sunk | speak spoke spoken | spend spent spent | split split split | steal stole stolen
    | strike struck struck | take took taken | teach taught taught | tell told told | win won won
    | withdraw withdrew withdrawn | withhold withheld withheld | write wrote written
"""
NUMBER_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    "|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:one|two|three|four|five|six|seven|eight"
    "|nine))?"
)
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# What in a subject makes "who" of "what": titles, and the callings by which a person is introduced.
PERSON_NOUNS = (
    "admiral|ambassador|analyst|artist|author|chancellor|chief|commander|diplomat|director|economist|engineer|founder"
    "|general|governor|historian|journalist|judge|lawyer|leader|minister|officer|official|philosopher|physicist"
    "|politician|pope|president|professor|researcher|scholar|scientist|secretary|senator|soldier|specialist|teacher"
    "|writer"
)


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as a text."""
    return frozenset(text.split())


def _regular_past(base: str) -> str:
    if base in _DOUBLED:
        return f"{base}{base[-1]}ed"
    if base.endswith("e"):
        return f"{base}d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return f"{base[:-1]}ied"
    return f"{base}ed"


def _forms() -> Iterator[tuple[str, str, str]]:
    irregular = [tuple(entry.split()) for entry in _IRREGULAR.split("|")]
    known = {entry[0] for entry in irregular}
    for base, past, participle in irregular:
        yield base, past, participle
    for base in _REGULAR.split():
        if base not in known:
            yield base, _regular_past(base), _regular_past(base)


# The past of "find" is also the base of another verb; what a sentence with it means cannot be told from the word.
BASE_OF_PAST: Mapping[str, str] = {past: base for base, past, _ in _forms() if past != "found"}
PARTICIPLES = frozenset({participle for *_, participle in _forms()})

# What people and countries do to something, so that "who" can be asked.
AGENTIVE = words(
    "accuse announce appoint argue ask award build buy claim command condemn convene create declare defeat design"
    " donate draft elect endorse establish expel export finance force found fund govern grant host impose inaugurate"
    " introduce invade invest invite join launch lead lend mediate name negotiate nominate occupy offer order organise"
    " own pay promise propose publish purchase ratify recommend refuse reject remove request resign seize sell send"
    " sign spend"
    " start supply support threaten train unveil urge visit warn welcome win withdraw write"
)
TRANSFER = words("donate export grant lend offer sell send supply")
SPENDING = words("cost donate invest lend offer pay promise provide raise receive spend vote")
# "SIPRI put the spending at", "the report gave Brazil": these verbs say whose figure it is, not who did something.
ESTIMATING = words("estimate give have put record report set")
# Common nouns that are written large where one of many is meant that was named before: "the Court".
GENERIC_NOUNS = words(
    """
    Academy Accord Act Administration Agency Agreement Air Alliance Amendment Archbishop Army Article Assembly
    Association Authority Bank Battle Bill Bishop Board Book Bureau Cabinet Cathedral Center Centre Chamber Chancellor
    Charter Church City Club Code College Commission Committee Community Company Conference Congress Constitution
    Convention Corporation Council Count County Court Crown Department Dialogue District Duke Emperor Empire Federation
    Force Forum Foundation Fund General Government Governor Group Hall House Initiative Institute Island Islands Kingdom
    King Law League Library Memorial Minister Ministry Monastery Museum Navy Office Order Organisation Organization Pact
    Palace Park Parliament Party Plan Pope President Prince Programme Program Project Protocol Province Queen Region
    Republic Republics River Roman Royal School Secretary Senate Series Society State States Strategy Summit Supreme
    System Temple Territory Town Treaty Tribunal Trust Union University Vice-President War
    """
)
