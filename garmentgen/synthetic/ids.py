"""Class ids by name, for the patterns: `ids.SLEEVE` instead of a look-up at every use."""

from __future__ import annotations

from ..labels import find

SHIRT = find("shirt").id
TOP = find("t-shirt").id
SWEATER = find("sweater").id
CARDIGAN = find("cardigan").id
JACKET = find("jacket").id
VEST = find("vest").id
PANTS = find("pants").id
SHORTS = find("shorts").id
SKIRT = find("skirt").id
COAT = find("coat").id
DRESS = find("dress").id
JUMPSUIT = find("jumpsuit").id
CAPE = find("cape").id
GLASSES = find("glasses").id
HAT = find("hat").id
HEADBAND = find("headband").id
TIE = find("tie").id
GLOVE = find("glove").id
WATCH = find("watch").id
BELT = find("belt").id
LEG_WARMER = find("leg warmer").id
TIGHTS = find("tights").id
SOCK = find("sock").id
SHOE = find("shoe").id
BAG = find("bag").id
SCARF = find("scarf").id
UMBRELLA = find("umbrella").id
HOOD = find("hood").id
COLLAR = find("collar").id
LAPEL = find("lapel").id
EPAULETTE = find("epaulette").id
SLEEVE = find("sleeve").id
POCKET = find("pocket").id
NECKLINE = find("neckline").id
BUCKLE = find("buckle").id
ZIPPER = find("zipper").id
APPLIQUE = find("applique").id
BEAD = find("bead").id
BOW = find("bow").id
FLOWER = find("flower").id
FRINGE = find("fringe").id
RIBBON = find("ribbon").id
RIVET = find("rivet").id
RUFFLE = find("ruffle").id
SEQUIN = find("sequin").id
TASSEL = find("tassel").id
