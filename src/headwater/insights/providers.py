"""Which mailbox provider keeps the mail of a domain. Pure.

Only domains that a provider gives to the public are known here: whose servers take the mail of a company's own domain
is a question to the DNS.
"""

from __future__ import annotations

OTHER = "Other domains"

_DOMAINS = {
    "Gmail": "gmail.com googlemail.com",
    "Microsoft": (
        "outlook.com hotmail.com live.com msn.com hotmail.co.uk hotmail.fr hotmail.de hotmail.it hotmail.es live.co.uk "
        "live.fr live.nl live.de outlook.de outlook.fr outlook.es outlook.it outlook.com.br hotmail.com.br passport.com"
    ),
    "Yahoo": (
        "yahoo.com ymail.com rocketmail.com yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ca yahoo.com.br "
        "yahoo.co.in yahoo.in yahoo.com.au yahoo.com.mx yahoo.com.ar aol.com aol.co.uk aim.com verizon.net"
    ),
    "Apple": "icloud.com me.com mac.com",
    "Yahoo Japan": "yahoo.co.jp ymail.ne.jp",
    "GMX and WEB.DE": "gmx.de gmx.net gmx.com gmx.at gmx.ch web.de mail.com",
    "Proton": "proton.me protonmail.com pm.me protonmail.ch",
    "Fastmail": "fastmail.com fastmail.fm",
    "Zoho": "zoho.com zohomail.com zohomail.eu",
    "Yandex": "yandex.ru yandex.com ya.ru yandex.by yandex.kz",
    "Mail.ru": "mail.ru bk.ru inbox.ru list.ru internet.ru",
    "QQ and Tencent": "qq.com foxmail.com vip.qq.com",
    "NetEase": "163.com 126.com yeah.net",
    "Naver": "naver.com",
    "Comcast": "comcast.net",
    "AT&T": "att.net sbcglobal.net bellsouth.net ameritech.net pacbell.net",
    "Charter Spectrum": "charter.net spectrum.net rr.com twc.com roadrunner.com",
    "Cox": "cox.net",
    "Telekom": "t-online.de magenta.de",
    "Orange": "orange.fr wanadoo.fr orange.com",
    "La Poste": "laposte.net",
    "Free": "free.fr",
    "SFR": "sfr.fr neuf.fr",
    "Libero": "libero.it virgilio.it iol.it",
    "BT": "btinternet.com bt.com",
    "Sky": "sky.com",
    "Virgin Media": "virginmedia.com ntlworld.com blueyonder.co.uk",
    "UOL": "uol.com.br bol.com.br",
    "WP and o2.pl": "wp.pl o2.pl",
    "Onet": "onet.pl op.pl",
    "Seznam": "seznam.cz email.cz post.cz",
    "Bell": "bell.net sympatico.ca",
    "Telstra": "bigpond.com bigpond.net.au telstra.com",
}
_PROVIDERS = {domain: provider for provider, domains in _DOMAINS.items() for domain in domains.split()}


def of_domain(domain: str) -> str:
    """The provider's name, or OTHER."""
    return _PROVIDERS.get(domain, OTHER)
