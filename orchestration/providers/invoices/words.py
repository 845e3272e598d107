"""The words by which invoices name their parts, in English, German, French and Spanish: the plainest first."""

import re

type Labels = list[tuple[re.Pattern[str], float]]  # with how sure what follows is


def _labels(*ranked: tuple[str, float]) -> Labels:
    return [(re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE), sure) for words, sure in ranked]


NUMBER = _labels(
    (
        r"invoice\s*(?:no|nr|num|number|id|#)|rechnungs?[\s-]*(?:nr|nummer|no)|(?:num[ée]ro|n[°ºo])\s*(?:de\s+)?facture"
        r"|facture\s*(?:n[°ºo]|num[ée]ro)|(?:n[úu]mero|n[°ºo]\.?)\s*(?:de\s+)?factura|factura\s*(?:n[°ºo]|n[úu]mero)",
        1.0,
    ),
    (r"invoice|rechnung|facture|factura|bill", 0.7),
)
DATE = _labels(
    (
        r"invoice\s+date|date\s+of\s+(?:invoice|issue)|issue\s+date|rechnungsdatum|date\s+de\s+(?:la\s+)?facture"
        r"|date\s+d['’]?émission|fecha\s+de\s+(?:la\s+)?(?:factura|emisión)",
        1.0,
    ),
    (r"(?:^|(?<=\s))date|datum|fecha", 0.8),
)
OTHER_DATE = re.compile(
    r"due|order|ship|deliver|period|payable|f[äa]llig|zahlungsziel|liefer|échéance|livraison|commande|vencimiento|entrega|pedido",
    re.IGNORECASE,
)
AMOUNT = _labels(
    (
        r"total\s+amount\s+due|amount\s+due|balance\s+due|total\s+due|amount\s+payable|grand\s+total|zu\s+zahlen(?:der\s+betrag)?"
        r"|zahlbetrag|rechnungs(?:gesamt)?betrag|gesamtbetrag|endbetrag|bruttobetrag|net\s+à\s+payer|montant\s+(?:total\s+)?ttc"
        r"|total\s+ttc|total\s+a\s+pagar|importe\s+total|total\s+factura",
        1.0,
    ),
    (r"invoice\s+total|total\s+for\s+this\s+invoice|summe|total|gesamt|importe", 0.8),
)
OTHER_AMOUNT = re.compile(
    r"sub-?\s?total|zwischensumme|netto|total\s+(?:net\s+)?h\.?t\b|hors\s+taxe|base\s+imponible|\btax\b|\bvat\b|\btva\b"
    r"|\bmwst|\biva\b|discount|rabatt|remise",
    re.IGNORECASE,
)
ISSUER = _labels(
    (
        r"sold\s+by|seller|vendor|supplier|service\s+provider|issued\s+by|payable\s+to|account\s+(?:holder|name)|verkäufer"
        r"|lieferant|kontoinhaber|rechnungssteller|fournisseur|vendeur|émetteur|titulaire\s+du\s+compte|proveedor|vendedor"
        r"|emisor|titular\s+de\s+la\s+cuenta",
        1.0,
    ),
)
RECEIVER = re.compile(
    r"bill(?:ed)?\s+to|ship(?:ped)?\s+to|(?:billing|shipping|delivery)\s+address|sold\s+to|customer|client\b|attn|rechnung\s+an"
    r"|rechnungsadresse|lieferadresse|kunde|facturée?\s+à|adresse\s+de|destinataire|facturar\s+a|cliente|enviar\s+a",
    re.IGNORECASE,
)
TITLE = re.compile(
    r"\b(?:tax\s+)?invoices?\b|\b(?:retail\s+)?bill\b|\brechnung(?:en)?\b|\bfactures?\b|\bfacturas?\b|\breceipt\b|\bcopy\b",
    re.IGNORECASE,
)
LEGAL = re.compile(
    r"(?:,?\s+)(?:gmbh(?:\s*&\s*co\.?\s*kg)?|ag|kg|ohg|e\.?k|ug|se|inc|ltd|limited|llc|llp|plc|corp|co|pty|pvt|sarl|s\.?a\.?r\.?l"
    r"|sas|s\.?a\.?s|sa|s\.a|eurl|sl|s\.?l\.?u?|b\.?v|n\.?v|oy|ab|aps|spa|srl)\.?(?:\s+(?:ltd|limited)\.?)?(?![\w])",
    re.IGNORECASE,
)
HEADING = re.compile(
    r"\b(?:description|item|product|article|service|beschreibung|bezeichnung|leistung|désignation|libellé|descripción|concepto"
    r"|detail|pos)\b",
    re.IGNORECASE,
)
