"""Recipients in many scripts, the same ones for the same seed."""

from dataclasses import dataclass
from random import Random

from shipping.documents.values import PostalAddress


@dataclass(frozen=True, slots=True)
class _Country:
    """Where names and streets are written in one way; in a postal code 9 stands for a digit and A for a letter."""

    code: str
    given: str
    family: str
    streets: str
    cities: str
    postal_code: str
    joint: str = " "


_COUNTRIES = (
    _Country(
        "US", "James Mary Robert Patricia", "Smith O'Brien Nguyen-Lee", "Main_Street Oak_Avenue 5th_Ave",
        "Springfield New_York Winston-Salem", "99999",
    ),
    _Country(
        "GB", "Oliver Amelia", "Featherstonehaugh Cholmondeley Smith-Jones", "High_Street The_Mews Station_Rd",
        "London Llanfairpwllgwyngyll Stoke-on-Trent", "AA9 9AA",
    ),
    _Country(
        "BR", "João Conceição Antônio", "Gonçalves Araújo Magalhães", "Rua_São_João Praça_da_Sé Avenida_Atlântica",
        "São_Paulo Brasília Goiânia", "99999-999",
    ),
    _Country(
        "FR", "François Zoë Hélène", "L'Hôpital Lefèvre D\u2019Œuvre", "rue_de_l\u2019Église Allée_des_Chênes",
        "Besançon Nîmes", "99999",
    ),
    _Country(
        "DE", "Jürgen Änne Günther", "Müller-Lüdenscheidt Groß Schäfer", "Königsstraße Am_Mühlbach",
        "Düsseldorf Gräfenhainichen", "99999",
    ),
    _Country(
        "PL", "Łukasz Małgorzata Grzegorz", "Brzęczyszczykiewicz Żółć Wiśniewska", "ulica_Świętokrzyska Aleje_Róż",
        "Łódź Gdańsk Rzeszów", "99-999",
    ),
    _Country(
        "CZ", "Jiří Božena Řehoř", "Dvořák Šťastný Nováčková", "Příkopě náměstí_Míru", "Plzeň České_Budějovice",
        "999 99",
    ),
    _Country(
        "TR", "İbrahim Ayşe Çağr\u0131", "Y\u0131lmaz Öztürk Şahin", "İstiklal_Caddesi Bağdat_Cad.", "İzmir Eskişehir",
        "99999",
    ),
    _Country(
        "GR", "Γιώργος Ελένη Αικατερίνη", "Παπαδόπουλος Οικονόμου", "Λεωφόρος_Αλεξάνδρας Οδός_Ερμού",
        "Αθήνα Θεσσαλονίκη", "999 99",
    ),
    _Country(
        "RU", "Александр Анастасия Фёдор", "Достоевский Рождественская", "улица_Ленина Набережная_реки_Мойки",
        "Санкт-Петербург Екатеринбург", "999999",
    ),
    _Country("AM", "Հայկ Անահիտ", "Սարգսյան Հովհաննիսյան", "Մաշտոցի_պողոտա", "Երևան Գյումրի", "9999"),
    _Country("GE", "გიორგი ნინო", "ბერიძე კაპანაძე", "რუსთაველის_გამზირი", "თბილისი ბათუმი", "9999"),
    _Country(
        "SA", "محمد فاطمة عبد_الله", "الأحمد القحطاني السلامي", "شارع_الملك_فهد طريق_الأمير_سلطان،_مبنى_(4)",
        "الرياض جدة", "99999",
    ),
    _Country("IR", "پریسا کیوان", "گلستانی ژاله‌زاده", "خیابان_ولیعصر کوچه_چهارم", "تهران اصفهان", "9999999999"),
    _Country("IL", "דוד שרה", "כהן בן־גוריון", "רחוב_הרצל שדרות_רוטשילד", "ירושלים חיפה", "9999999"),
    _Country("CN", "伟 秀英 建国", "王 欧阳 诸葛", "中山路 人民大道 解放北路", "上海市 乌鲁木齐市", "999999", ""),
    _Country(
        "JP", "太郎 さくら ケンジ", "山田 佐々木 勅使河原", "丸の内 グランドタワー 神宮前", "東京都千代田区 札幌市",
        "999-9999", "",
    ),
    _Country("KR", "민준 서연", "김 남궁", "테헤란로 세종대로", "서울특별시 부산광역시", "99999", ""),
)  # fmt: skip
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def recipient(random: Random) -> PostalAddress:
    """Return somebody somewhere; one in eight has a name or street far too long, one in forty is bad input."""
    country = random.choice(_COUNTRIES)
    times = random.choice((1, 1, 1, 1, 1, 1, 1, random.randint(4, 14)))
    name = country.joint.join([_one(random, country.family if n % 2 else country.given) for n in range(2 * times)])
    street = f"{_one(random, country.streets)} {random.randint(1, 9_999)}"
    second = country.joint.join(_one(random, country.streets) for _ in range(times)) if random.random() < 0.5 else ""
    company = f"{_one(random, country.family)} & {_one(random, country.given)}" if random.random() < 0.3 else ""
    if random.random() < 1 / 40:
        name = f"\U0001f642 ^XA~HS_1E\\& \x07{name}"
    postal_code = "".join(
        {"9": random.choice("0123456789"), "A": random.choice(_LETTERS)}.get(c, c) for c in country.postal_code
    )
    lines = tuple(line for line in (street, second) if line)
    return PostalAddress(name, lines, _one(random, country.cities), postal_code, country.code, company)


def _one(random: Random, words: str) -> str:
    return random.choice(words.split()).replace("_", " ")
