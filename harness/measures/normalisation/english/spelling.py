"""British spellings and their American ones, which english-1 writes. The lists are our own.

Only spellings that are said alike: "learnt", "aluminium" and "mum" stay, for they are other words to a listener. A rule
makes each form of a stem, even those that no text holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

_OUR = (
    "arbour ardour armour behaviour belabour candour clamour clangour colour demeanour discolour dishonour enamour"
    " endeavour favour disfavour fervour flavour harbour honour humour labour misdemeanour neighbour odour parlour"
    " rancour rigour rumour saviour savour splendour succour tumour valour vapour vigour watercolour misbehaviour"
)
_OUR_ENDS = " s ed ing ings er ers able ably ful fully less ite ites hood hoods ly y like al ally ist ists"  # also none

_ISE = """
accessor acclimat aerosol agon alphabet amort anglic antagon apolog atom author automat bapt bastard brutal burglar
cannibal canon capital caramel categor cauter central character civil colon commercial commod computer conceptual
contextual creol critic crystall custom decentral decrimin democrat demon demonet demoral deput desensit destabil
digit disorgan dramat econom emphas energ epitom equal eulog euthan evangel extern external famil fantas femin fertil
fictional final formal fossil fratern galvan general glamor global harmon homogen hospital human hybrid hypnot ideal
idol immobil immortal immun incentiv individual industrial initial institutional internal international item
jeopard legal legitim lexical liberal lion local magnet marginal material maxim mechan memor mesmer metabol milit
miniatur minim mobil modern monet monopol moral motor nasal national natural neutral normal notar optim organ ostrac
oxid parallel pasteur patron pedestrian penal personal philosoph plagiar polar polit popular pressur priorit privat
proselyt pulver random rational real recogn reorgan revital revolution romantic sanit satir scandal scrutin secular
sensational sensit serial social solemn special stabil standard steril stigmat subsid summar symbol sympath synchron
synthes systemat tantal terror theor tranquil traumat trivial union unrecogn urban util vandal vapor verbal victim
visual vital vocal weapon western
"""
_ISE_ENDS = ("e", "es", "ed", "ing", "er", "ers", "ation", "ations", "ational", "able")
_YSE = "analy paraly cataly dialy hydroly electroly psychoanaly breathaly"

_DOUBLED = (
    "apparel barrel bedevil bevel cancel carol channel chisel counsel cudgel devil dial dishevel drivel duel enamel"
    " equal fuel funnel gambol gravel grovel imperil initial jewel kennel label laurel level libel marshal marvel medal"
    " metal model nickel panel parcel pedal pencil pommel quarrel ravel refuel revel rival shovel shrivel signal snivel"
    " snorkel spiral squirrel stencil swivel symbol total towel travel trowel tunnel unravel victual weasel yodel"
)
_DOUBLED_ENDS = ("ed", "ing", "ings", "er", "ers", "or", "ors", "able")

_RE = (
    "calibre centre epicentre fibre goitre kilometre centimetre millimetre metre litre millilitre lustre meagre mitre"
    " manoeuvre maneuvre outmanoeuvre reconnoitre sabre saltpetre sepulchre sombre spectre theatre amphitheatre titre"
)

_OTHERS = """
acknowledgement acknowledgment, acknowledgements acknowledgments, adviser advisor, advisers advisors, aeroplane
airplane, aeroplanes airplanes, ageing aging, amoeba ameba, anaemia anemia, anaemic anemic, anaesthesia anesthesia,
anaesthetic anesthetic, anaesthetics anesthetics, anaesthetist anesthetist, analogue analog, annexe annex, appal
appall, appals appalls, archeological archaeological, archeologist archaeologist, archeologists archaeologists,
archeology archaeology, artefact artifact, artefacts artifacts, axe ax, bannister banister, benefitted benefited,
benefitting benefiting, biassed biased, busses buses, caesarean cesarean, catalogue catalog, catalogued cataloged,
catalogues catalogs, cataloguing cataloging, cauldron caldron, cheque check, chequebook checkbook, chequered
checkered, cheques checks, coeliac celiac, cosier cozier, cosy cozy, councillor councilor, councillors councilors,
counsellor counselor, defence defense, defenceless defenseless, defences defenses, demagogue demagog, dependant
dependent, dependants dependents, dialog dialogue, dialogs dialogues, diarrhoea diarrhea, disc disk, discs disks,
distil distill, distils distills, doughnut donut, doughnuts donuts, draught draft, draughts drafts, draughty drafty,
duelling dueling, encyclopaedia encyclopedia, encyclopaedias encyclopedias, encyclopaedic encyclopedic, enquire
inquire, enquired inquired, enquires inquires, enquiries inquiries, enquiring inquiring, enquiry inquiry, enrol
enroll, enrolment enrollment, enrolments enrollments, enrols enrolls, enthral enthrall, esthetic aesthetic, esthetics
aesthetics, faecal fecal, faeces feces, fibreglass fiberglass, focussed focused, focusses focuses, focussing focusing,
foetal fetal, foetus fetus, foetuses fetuses, fulfil fulfill, fulfilment fulfillment, fulfils fulfills, gage gauge,
gages gauges, gaol jail, gaoler jailer, gaols jails, gipsies gypsies, gipsy gypsy, glycerine glycerin, grey gray,
greyed grayed, greyer grayer, greyhound grayhound, greying graying, greyish grayish, greys grays, gynaecologist
gynecologist, gynaecology gynecology, haemoglobin hemoglobin, haemophilia hemophilia, haemorrhage hemorrhage,
haemorrhages hemorrhages, haemorrhoids hemorrhoids, hiccough hiccup, inflexion inflection, instal install, instalment
installment, instals installs, instil instill, instils instills, jewellery jewelry, jewellry jewelry, judgement
judgment, judgemental judgmental, judgements judgments, kerb curb, kerbs curbs, leukaemia leukemia, licence license,
licenced licensed, licences licenses, likeable likable, liveable livable, manoeuvrability maneuverability,
manoeuvrable maneuverable, manoeuvring maneuvering, marvellous marvelous, marvellously marvelously, mediaeval
medieval, mollusc mollusk, molluscs mollusks, monolog monologue, mould mold, moulded molded, moulding molding,
mouldings moldings, moulds molds, mouldy moldy, moult molt, moulting molting, moustache mustache, moustaches
mustaches, moveable movable, oesophagus esophagus, oestrogen estrogen, offence offense, offences offenses, omelet
omelette, omelets omelettes, orthopaedic orthopedic, paediatric pediatric, paediatrician pediatrician, paediatricians
pediatricians, paedophile pedophile, palaeontology paleontology, panelling paneling, pedlar peddler, plough plow,
ploughed plowed, ploughing plowing, ploughman plowman, ploughs plows, practise practice, practised practiced,
practises practices, practising practicing, pretence pretense, pretences pretenses, programme program, programmes
programs, prolog prologue, pyjama pajama, pyjamas pajamas, rateable ratable, routeing routing, saleable salable,
sceptic skeptic, sceptical skeptical, scepticism skepticism, sceptics skeptics, sizeable sizable, skilful skillful,
skilfully skillfully, smoulder smolder, smouldered smoldered, smouldering smoldering, storey story, storeyed storied,
storeys stories, sulphate sulfate, sulphide sulfide, sulphur sulfur, sulphuric sulfuric, tyre tire, tyres tires,
unshakeable unshakable, useable usable, whisky whiskey, wilful willful, wilfully willfully, woollen woolen, woollens
woolens, yoghurt yogurt, yoghurts yogurts, yogourt yogurt
"""


def _pairs() -> Iterator[tuple[str, str]]:
    for stem in _OUR.split():
        for end in _OUR_ENDS.split(" "):
            yield stem + end, stem.removesuffix("our") + "or" + end
    for stem in _ISE.split():
        for end in _ISE_ENDS:
            yield f"{stem}is{end}", f"{stem}iz{end}"
    for stem in _YSE.split():
        for end in ("e", "ed", "er", "ers", "ing"):
            yield f"{stem}s{end}", f"{stem}z{end}"
    for stem in _DOUBLED.split():
        for end in _DOUBLED_ENDS:
            yield f"{stem}l{end}", f"{stem}{end}"
    for word in _RE.split():
        stem = word.removesuffix("re").replace("manoeuv", "maneuv")
        yield from ((word, f"{stem}er"), (f"{word}s", f"{stem}ers"), (f"{word}d", f"{stem}ered"))
    for pair in _OTHERS.replace("\n", " ").split(","):
        british, american = pair.split()
        yield british, american


SPELLING: Mapping[str, str] = MappingProxyType(dict(_pairs()))
