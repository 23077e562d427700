"""
The names of time zones that Java reads in a date, each with the offset that it stands for.

A name such as ``PST`` or ``British Summer Time`` says an offset, whatever the season: ``PDT`` in December is still
UTC-7, and ``IST`` is Israel's. The offsets are those that Java's own tables give (releases 17 to 25; what only some of
them know is in as well).
"""

from __future__ import annotations

from functools import lru_cache

#: Names by their offset from UTC in minutes; ``|`` stands between two.
_NAMES_BY_OFFSET = {
    -660: (
        "NUST|NUT|SDT|SST|ST|American Samoa Daylight Time|American Samoa Standard Time|American Samoa Time|"
        "Niue Daylight Time|Niue Summer Time|Niue Time|Samoa Daylight Time|Samoa Standard Time|Samoa Time"
    ),
    -600: (
        "CKHST|CKT|HAST|HAT|HDT|HST|TAHST|TAHT|Cook Islands Half Summer Time|Cook Islands Standard Time|"
        "Cook Islands Summer Time|Cook Islands Time|Hawaii Standard Time|Hawaii-Aleutian Daylight Time|"
        "Hawaii-Aleutian Standard Time|Hawaii-Aleutian Time|Tahiti Daylight Time|Tahiti Summer Time|Tahiti Time"
    ),
    -570: "MARST|MART|Marquesas Daylight Time|Marquesas Summer Time|Marquesas Time",
    -540: (
        "AKST|AKT|GAMST|GAMT|HADT|Alaska Standard Time|Alaska Time|Gambier Daylight Time|Gambier Summer Time|"
        "Gambier Time"
    ),
    -480: (
        "AKDT|PST|PT|Alaska Daylight Time|Northwest Mexico Standard Time|Northwest Mexico Time|Pacific Standard Time|"
        "Pacific Time|Pitcairn Daylight Time|Pitcairn Time"
    ),
    -420: (
        "MST|MT|PDT|Dawson Daylight Time|Dawson Time|Mexican Pacific Daylight Time|Mexican Pacific Standard Time|"
        "Mexican Pacific Time|Mountain Standard Time|Mountain Time|Northwest Mexico Daylight Time|"
        "Pacific Daylight Time|Whitehorse Daylight Time|Whitehorse Time|Yukon Time"
    ),
    -360: (
        "CST|CT|GALST|GALT|MDT|Central Standard Time|Central Time|Easter Island Standard Time|Easter Island Time|"
        "Galapagos Daylight Time|Galapagos Summer Time|Galapagos Time|Mountain Daylight Time"
    ),
    -300: (
        "CDT|COST|COT|EASST|ECST|ECT|EST|ET|PEST|PET|Acre Standard Time|Acre Summer Time|Acre Time|"
        "Central Daylight Time|Colombia Standard Time|Colombia Summer Time|Colombia Time|Cuba Standard Time|"
        "Cuba Time|Easter Island Summer Time|Eastern Standard Time|Eastern Time|Ecuador Summer Time|Ecuador Time|"
        "Guayaquil Daylight Time|Guayaquil Time|Peru Standard Time|Peru Summer Time|Peru Time"
    ),
    -240: (
        "AST|AT|BOST|BOT|CLT|EDT|GYST|GYT|VEST|VET|Amazon Standard Time|Amazon Summer Time|Amazon Time|"
        "Atlantic Standard Time|Atlantic Time|Bolivia Summer Time|Bolivia Time|Caracas Daylight Time|Caracas Time|"
        "Chile Standard Time|Chile Time|Cuba Daylight Time|Eastern Daylight Time|Guyana Daylight Time|"
        "Guyana Summer Time|Guyana Time|La Paz Daylight Time|La Paz Time|Venezuela Summer Time|Venezuela Time"
    ),
    -210: "NST|NT|Newfoundland Standard Time|Newfoundland Time",
    -180: (
        "ADT|ARST|ART|BRST|BRT|CLST|FKST|FKT|GFST|GFT|PMST|PMT|PYST|PYT|ROTST|ROTT|SRST|SRT|UYST|UYT|"
        "Argentina Standard Time|Argentina Summer Time|Argentina Time|Argentine Summer Time|Argentine Time|"
        "Atlantic Daylight Time|Brasilia Standard Time|Brasilia Summer Time|Brasilia Time|Cayenne Daylight Time|"
        "Cayenne Time|Chile Summer Time|Coyhaique Daylight Time|Coyhaique Standard Time|Coyhaique Time|"
        "Falkland Islands Standard Time|Falkland Islands Summer Time|Falkland Islands Time|French Guiana Summer Time|"
        "French Guiana Time|Palmer Daylight Time|Palmer Standard Time|Palmer Time|Paraguay Standard Time|"
        "Paraguay Summer Time|Paraguay Time|Paramaribo Daylight Time|Paramaribo Time|Punta Arenas Daylight Time|"
        "Punta Arenas Standard Time|Punta Arenas Time|Rothera Daylight Time|Rothera Summer Time|Rothera Time|"
        "St. Pierre & Miquelon Standard Time|St. Pierre & Miquelon Time|Suriname Summer Time|Suriname Time|"
        "Uruguay Standard Time|Uruguay Summer Time|Uruguay Time"
    ),
    -150: "NDT|Newfoundland Daylight Time",
    -120: (
        "EGT|FNST|FNT|PMDT|WGT|East Greenland Standard Time|East Greenland Time|Fernando de Noronha Standard Time|"
        "Fernando de Noronha Summer Time|Fernando de Noronha Time|Greenland Standard Time|Greenland Time|"
        "South Georgia Daylight Time|South Georgia Time|St. Pierre & Miquelon Daylight Time|"
        "West Greenland Standard Time|West Greenland Time"
    ),
    -60: (
        "AZOT|CVST|CVT|EGST|WGST|Azores Standard Time|Azores Time|Cape Verde Standard Time|Cape Verde Summer Time|"
        "Cape Verde Time|East Greenland Summer Time|Greenland Summer Time|West Greenland Summer Time"
    ),
    0: (
        "ATT|AZOST|BT|GHST|GMT|UTC|WET|Abidjan Daylight Time|Abidjan Time|Accra Daylight Time|Accra Time|"
        "Azores Summer Time|Bamako Daylight Time|Bamako Time|Banjul Daylight Time|Banjul Time|Bissau Daylight Time|"
        "Bissau Time|British Time|Casablanca Daylight Time|Casablanca Standard Time|Casablanca Time|"
        "Conakry Daylight Time|Conakry Time|Coordinated Universal Time|Dakar Daylight Time|Dakar Time|"
        "Danmarkshavn Daylight Time|Danmarkshavn Time|Dublin Time|El Aaiun Daylight Time|El Aaiun Standard Time|"
        "El Aaiun Time|Freetown Daylight Time|Freetown Time|Ghana Mean Time|Ghana Summer Time|Greenwich Mean Time|"
        "Guernsey Time|Irish Time|Isle of Man Time|Jersey Time|Lome Daylight Time|Lome Time|London Time|"
        "Monrovia Daylight Time|Monrovia Time|Nouakchott Daylight Time|Nouakchott Time|Ouagadougou Daylight Time|"
        "Ouagadougou Time|Reykjavik Daylight Time|Reykjavik Time|St. Helena Daylight Time|St. Helena Time|Troll Time|"
        "Western European Standard Time|Western European Time"
    ),
    60: (
        "BST|CET|MET|WAST|WAT|WEST|British Summer Time|Central African Time|Central European Standard Time|"
        "Central European Time|Irish Standard Time|Middle Europe Time|West Africa Standard Time|"
        "West Africa Summer Time|West Africa Time|Western African Time|Western European Summer Time|"
        "Windhoek Daylight Time|Windhoek Time"
    ),
    120: (
        "CAST|CAT|CEST|EET|IST|IT|MEST|SAST|SAT|Blantyre Daylight Time|Blantyre Time|Bujumbura Daylight Time|"
        "Bujumbura Time|Central Africa Time|Central African Summer Time|Central European Summer Time|"
        "Eastern European Standard Time|Eastern European Time|Famagusta Standard Time|Famagusta Time|"
        "Gaborone Daylight Time|Gaborone Time|Harare Daylight Time|Harare Time|Israel Standard Time|Israel Time|"
        "Johannesburg Daylight Time|Johannesburg Time|Juba Daylight Time|Juba Time|Khartoum Daylight Time|"
        "Khartoum Time|Kigali Daylight Time|Kigali Time|Lubumbashi Daylight Time|Lubumbashi Time|"
        "Lusaka Daylight Time|Lusaka Time|Maputo Daylight Time|Maputo Time|Maseru Daylight Time|Maseru Time|"
        "Mbabane Daylight Time|Mbabane Time|Middle Europe Summer Time|South Africa Standard Time|"
        "South Africa Summer Time|South Africa Time|Troll Daylight Time"
    ),
    180: (
        "EAST|EAT|EEST|IDT|MSD|MSK|SYOST|SYOT|TRST|TRT|Addis Ababa Daylight Time|Addis Ababa Time|"
        "Amman Daylight Time|Amman Standard Time|Amman Time|Antananarivo Daylight Time|Antananarivo Time|"
        "Arabian Daylight Time|Arabian Standard Time|Arabian Time|Asmara Daylight Time|Asmara Time|"
        "Comoro Daylight Time|Comoro Time|Damascus Daylight Time|Damascus Standard Time|Damascus Time|"
        "Dar es Salaam Daylight Time|Dar es Salaam Time|Djibouti Daylight Time|Djibouti Time|East Africa Time|"
        "Eastern Africa Time|Eastern African Summer Time|Eastern European Summer Time|Famagusta Daylight Time|"
        "Israel Daylight Time|Istanbul Daylight Time|Istanbul Standard Time|Istanbul Time|Kampala Daylight Time|"
        "Kampala Time|Kirov Daylight Time|Kirov Standard Time|Kirov Time|Mayotte Daylight Time|Mayotte Time|"
        "Mogadishu Daylight Time|Mogadishu Time|Moscow Daylight Time|Moscow Standard Time|Moscow Summer Time|"
        "Moscow Time|Nairobi Daylight Time|Nairobi Time|Syowa Daylight Time|Syowa Summer Time|Syowa Time|"
        "Turkey Summer Time|Turkey Time|Volgograd Standard Time|Volgograd Summer Time|Volgograd Time"
    ),
    210: "IRDT|IRST|IRT|Iran Daylight Time|Iran Standard Time|Iran Time",
    240: (
        "AMST|AMT|AZST|AZT|GDT|GEST|GET|GST|GT|MUST|MUT|REST|RET|SAMST|SAMT|SCST|SCT|Armenia Standard Time|"
        "Armenia Summer Time|Armenia Time|Astrakhan Daylight Time|Astrakhan Standard Time|Astrakhan Time|"
        "Azerbaijan Standard Time|Azerbaijan Summer Time|Azerbaijan Time|Dubai Daylight Time|Dubai Time|"
        "Georgia Standard Time|Georgia Summer Time|Georgia Time|Gulf Daylight Time|Gulf Standard Time|Gulf Time|"
        "Mahe Daylight Time|Mahe Time|Mauritius Standard Time|Mauritius Summer Time|Mauritius Time|"
        "Muscat Daylight Time|Muscat Time|Reunion Summer Time|Reunion Time|Samara Standard Time|Samara Summer Time|"
        "Samara Time|Saratov Daylight Time|Saratov Standard Time|Saratov Time|Seychelles Summer Time|Seychelles Time|"
        "Ulyanovsk Daylight Time|Ulyanovsk Standard Time|Ulyanovsk Time"
    ),
    270: "AFST|AFT|Afghanistan Summer Time|Afghanistan Time|Kabul Daylight Time|Kabul Time",
    300: (
        "ALMST|ALMT|AQTST|AQTT|MAWST|MAWT|MVST|MVT|ORAST|ORAT|PKST|PKT|QOSST|QOST|QYZST|QYZT|TFST|TFT|TJST|TJT|TMST|"
        "TMT|UZST|UZT|VOSST|VOST|YEKST|YEKT|Alma-Ata Summer Time|Alma-Ata Time|Almaty Daylight Time|Almaty Time|"
        "Aqtau Daylight Time|Aqtau Summer Time|Aqtau Time|Aqtobe Daylight Time|Aqtobe Summer Time|Aqtobe Time|"
        "Atyrau Daylight Time|Atyrau Time|Dushanbe Daylight Time|Dushanbe Time|East Kazakhstan Time|"
        "French Southern & Antarctic Lands Summer Time|French Southern & Antarctic Lands Time|"
        "French Southern & Antarctic Time|Kazakhstan Time|Kerguelen Daylight Time|Kerguelen Time|"
        "Kostanay Daylight Time|Kostanay Summer Time|Kostanay Time|Maldives Daylight Time|Maldives Summer Time|"
        "Maldives Time|Mawson Daylight Time|Mawson Summer Time|Mawson Time|Oral Daylight Time|Oral Summer Time|"
        "Oral Time|Pakistan Standard Time|Pakistan Summer Time|Pakistan Time|Qyzylorda Daylight Time|"
        "Qyzylorda Summer Time|Qyzylorda Time|Tajikistan Summer Time|Tajikistan Time|Turkmenistan Standard Time|"
        "Turkmenistan Summer Time|Turkmenistan Time|Uzbekistan Standard Time|Uzbekistan Summer Time|Uzbekistan Time|"
        "Vostok Daylight Time|Vostok Summer Time|Vostok Time|West Kazakhstan Time|Yekaterinburg Standard Time|"
        "Yekaterinburg Summer Time|Yekaterinburg Time"
    ),
    330: (
        "Colombo Daylight Time|Colombo Time|India Daylight Time|India Standard Time|India Time|Kolkata Daylight Time|"
        "Kolkata Time"
    ),
    345: "NPST|NPT|Kathmandu Daylight Time|Kathmandu Time|Nepal Summer Time|Nepal Time",
    360: (
        "BDST|BDT|BTST|BTT|IOST|IOT|KGST|KGT|OMSST|OMST|XJDT|XJT|Bangladesh Standard Time|Bangladesh Summer Time|"
        "Bangladesh Time|Bhutan Summer Time|Bhutan Time|Bishkek Daylight Time|Bishkek Time|Chagos Daylight Time|"
        "Chagos Time|Indian Ocean Territory Summer Time|Indian Ocean Territory Time|Indian Ocean Time|"
        "Kirgizstan Summer Time|Kirgizstan Time|Kyrgyzstan Time|Omsk Standard Time|Omsk Summer Time|Omsk Time|"
        "Thimphu Daylight Time|Thimphu Time|Urumqi Daylight Time|Urumqi Standard Time|Urumqi Time|"
        "Xinjiang Daylight Time|Xinjiang Standard Time|Xinjiang Time"
    ),
    390: (
        "CCST|CCT|MMST|MMT|Cocos Islands Daylight Time|Cocos Islands Summer Time|Cocos Islands Time|"
        "Myanmar Summer Time|Myanmar Time|Yangon Daylight Time|Yangon Time"
    ),
    420: (
        "CIT|CXST|CXT|DAVST|DAVT|HOVST|HOVT|ICST|ICT|KRAST|KRAT|NOVST|NOVT|WIB|WIST|Bangkok Daylight Time|"
        "Bangkok Time|Barnaul Daylight Time|Barnaul Standard Time|Barnaul Time|Christmas Island Daylight Time|"
        "Christmas Island Summer Time|Christmas Island Time|Davis Daylight Time|Davis Summer Time|Davis Time|"
        "Ho Chi Minh City Daylight Time|Ho Chi Minh City Time|Hovd Standard Time|Hovd Summer Time|Hovd Time|"
        "Indochina Summer Time|Indochina Time|Jakarta Daylight Time|Jakarta Time|Krasnoyarsk Standard Time|"
        "Krasnoyarsk Summer Time|Krasnoyarsk Time|Novosibirsk Standard Time|Novosibirsk Summer Time|Novosibirsk Time|"
        "Phnom Penh Daylight Time|Phnom Penh Time|Pontianak Daylight Time|Pontianak Time|Tomsk Daylight Time|"
        "Tomsk Standard Time|Tomsk Time|Vientiane Daylight Time|Vientiane Time|West Indonesia Summer Time|"
        "West Indonesia Time|Western Indonesia Time"
    ),
    480: (
        "AWDT|AWST|AWT|BNST|BNT|CHOST|CHOT|CIST|HKST|HKT|IRKST|IRKT|MYST|MYT|SGST|SGT|ULAST|ULAT|WITA|"
        "Australian Western Daylight Time|Australian Western Standard Time|Australian Western Time|"
        "Brunei Darussalam Time|Brunei Daylight Time|Brunei Summer Time|Brunei Time|Casey Time|"
        "Central Indonesia Summer Time|Central Indonesia Time|China Daylight Time|China Standard Time|China Time|"
        "Hong Kong Standard Time|Hong Kong Summer Time|Hong Kong Time|Irkutsk Standard Time|Irkutsk Summer Time|"
        "Irkutsk Time|Kuala Lumpur Daylight Time|Kuala Lumpur Time|Kuching Daylight Time|Kuching Time|"
        "Makassar Daylight Time|Makassar Time|Malaysia Summer Time|Malaysia Time|Philippine Standard Time|"
        "Philippine Summer Time|Philippine Time|Singapore Daylight Time|Singapore Standard Time|"
        "Singapore Summer Time|Singapore Time|Taipei Daylight Time|Taipei Standard Time|Taipei Time|"
        "Taiwan Daylight Time|Taiwan Standard Time|Taiwan Time|Ulaanbaatar Standard Time|Ulaanbaatar Summer Time|"
        "Ulaanbaatar Time|Western Australia Time"
    ),
    525: (
        "ACWDT|ACWST|ACWT|Australian Central Western Daylight Time|Australian Central Western Standard Time|"
        "Australian Central Western Time"
    ),
    540: (
        "EIST|JDT|JST|JT|KDT|KST|KT|PWST|PWT|TLST|TLT|WIT|YAKST|YAKT|Dili Daylight Time|Dili Time|"
        "East Indonesia Summer Time|East Indonesia Time|East Timor Time|Eastern Indonesia Time|Japan Daylight Time|"
        "Japan Standard Time|Japan Time|Jayapura Daylight Time|Jayapura Time|Korean Daylight Time|"
        "Korean Standard Time|Korean Time|Palau Daylight Time|Palau Summer Time|Palau Time|Timor-Leste Summer Time|"
        "Timor-Leste Time|Yakutsk Standard Time|Yakutsk Summer Time|Yakutsk Time"
    ),
    570: (
        "ACDT|ACST|ACT|Australian Central Daylight Time|Australian Central Standard Time|Australian Central Time|"
        "Central Australia Time"
    ),
    600: (
        "AEST|AET|CHUST|CHUT|ChDT|ChST|ChT|DDUST|DDUT|PGST|PGT|VLAST|VLAT|Australian Eastern Standard Time|"
        "Australian Eastern Time|Chamorro Daylight Time|Chamorro Standard Time|Chamorro Time|Chuuk Daylight Time|"
        "Chuuk Summer Time|Chuuk Time|Dumont-d'Urville Summer Time|Dumont-d'Urville Time|Eastern Australia Time|"
        "Guam Daylight Time|Guam Time|Papua New Guinea Summer Time|Papua New Guinea Time|Port Moresby Daylight Time|"
        "Port Moresby Time|Saipan Daylight Time|Saipan Time|Vladivostok Standard Time|Vladivostok Summer Time|"
        "Vladivostok Time"
    ),
    630: "LHST|LHT|Lord Howe Standard Time|Lord Howe Time",
    660: (
        "AEDT|KOSST|KOST|LHDT|MAGST|MAGT|NCST|NCT|NFT|PONST|PONT|SAKST|SAKT|SBST|SBT|SREDT|SRET|VUST|VUT|"
        "Australian Eastern Daylight Time|Bougainville Daylight Time|Bougainville Standard Time|Bougainville Time|"
        "Guadalcanal Daylight Time|Guadalcanal Time|Kosrae Daylight Time|Kosrae Summer Time|Kosrae Time|"
        "Lord Howe Daylight Time|Magadan Standard Time|Magadan Summer Time|Magadan Time|New Caledonia Standard Time|"
        "New Caledonia Summer Time|New Caledonia Time|Norfolk Island Standard Time|Norfolk Island Time|"
        "Pohnpei Daylight Time|Pohnpei Summer Time|Pohnpei Time|Ponape Time|Sakhalin Standard Time|"
        "Sakhalin Summer Time|Sakhalin Time|Solomon Is. Summer Time|Solomon Is. Time|Solomon Islands Time|"
        "Srednekolymsk Daylight Time|Srednekolymsk Standard Time|Srednekolymsk Time|Vanuatu Standard Time|"
        "Vanuatu Summer Time|Vanuatu Time"
    ),
    720: (
        "ANAST|ANAT|FJST|FJT|GILST|GILT|MHST|MHT|NFST|NRST|NRT|NZST|NZT|PETST|PETT|TVST|TVT|WAKST|WAKT|WFST|WFT|"
        "Anadyr Standard Time|Anadyr Summer Time|Anadyr Time|Fiji Standard Time|Fiji Summer Time|Fiji Time|"
        "Funafuti Daylight Time|Funafuti Time|Gilbert Is. Summer Time|Gilbert Is. Time|Gilbert Islands Time|"
        "Kamchatka Standard Time|Kamchatka Summer Time|Kamchatka Time|Kwajalein Daylight Time|Kwajalein Time|"
        "Majuro Daylight Time|Majuro Time|Marshall Islands Summer Time|Marshall Islands Time|Nauru Daylight Time|"
        "Nauru Summer Time|Nauru Time|New Zealand Standard Time|New Zealand Time|Norfolk Island Daylight Time|"
        "Petropavlovsk-Kamchatski Standard Time|Petropavlovsk-Kamchatski Summer Time|Petropavlovsk-Kamchatski Time|"
        "Tarawa Daylight Time|Tarawa Time|Tuvalu Summer Time|Tuvalu Time|Wake Island Daylight Time|Wake Island Time|"
        "Wake Summer Time|Wake Time|Wallis & Futuna Summer Time|Wallis & Futuna Time|Wallis Daylight Time|Wallis Time"
    ),
    765: "CHAST|CHAT|Chatham Standard Time|Chatham Time",
    780: (
        "NZDT|PHOST|PHOT|TKST|TKT|TOST|TOT|WSDT|WSST|WST|Apia Daylight Time|Apia Standard Time|Apia Time|"
        "Enderbury Daylight Time|Enderbury Time|Fakaofo Daylight Time|Fakaofo Time|Kanton Daylight Time|"
        "Kanton Standard Time|Kanton Time|New Zealand Daylight Time|Phoenix Is. Summer Time|Phoenix Is. Time|"
        "Phoenix Islands Time|Tokelau Summer Time|Tokelau Time|Tonga Standard Time|Tonga Summer Time|Tonga Time"
    ),
    825: "CHADT|Chatham Daylight Time",
    840: ("LINST|LINT|Kiritimati Daylight Time|Kiritimati Time|Line Is. Summer Time|Line Is. Time|Line Islands Time"),
}


def offset_of(name: str) -> int | None:
    """
    Return the offset that a zone's name stands for, in minutes; None if it is unknown. Case does not matter.

    Example:
        >>> offset_of("PST"), offset_of("central european summer time"), offset_of("XYZ")
        (-480, 120, None)
    """
    return _offsets().get(name.lower())


@lru_cache(maxsize=1)
def _offsets() -> dict[str, int]:
    """Arrange the table by name, when somebody first asks."""
    return {name.lower(): offset for offset, names in _NAMES_BY_OFFSET.items() for name in names.split("|")}
