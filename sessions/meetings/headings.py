"""The headings of attendance reports in the languages that platforms write them in, and the words for coming and going.

Where a heading is in a language nobody listed here, the cells below it say what it is (`sessions.meetings.columns`).
"""

import re

from sessions.names import search_key


def _folded(text: str) -> str:
    """Without accents, signs or case, in whatever letters: "Tên (Tên gốc)" gives "ten ten goc"."""
    return " ".join(re.findall(r"\w+", search_key(text)))


_SPELLINGS = {
    "name": """
        名称 | 名称 原始名称 | 姓名 | 用户名 | 名前 | 名前 元の名前 | 氏名 | 이름 | 이름 원래 이름 | имя
        имя исходное имя | имя настоящее имя | полное имя | name | name original name | user name
        user name original name | full name | display name | participant | participant name | attendee | attendee name
        ten | ten ten goc | ten nguoi dung | ten nguoi tham gia | ho va ten | ho ten | ten day du | ten hien thi
        nguoi tham gia | name originalname | vollstandiger name | benutzername | benutzername originalname
        teilnehmername | nom | nom complet | nom nom d origine | nom d utilisateur | nombre | nombre completo
        nombre nombre original | nombre de usuario | nome | nome completo | nome nome original | nome utente
        nome nome originale | naam | volledige naam | naam oorspronkelijke naam | imie i nazwisko | nazwa
        nazwa nazwa oryginalna | namn | fullstandigt namn | nama | nama lengkap | navn
    """,
    "given": """
        first name | given name | vorname | prenom | nombre de pila | nome proprio | voornaam | imie | fornamn
    """,
    "family": """
        last name | family name | surname | ho | ho va ten dem | ho dem | nachname | nom de famille | apellido
        apellidos | sobrenome | cognome | achternaam | nazwisko | efternamn
    """,
    "email": """
        电子邮件 | 用户电子邮件 | 邮箱 | 用户邮箱 | メール | メールアドレス | ユーザーのメール | 이메일
        사용자 이메일 | электронная почта | эл почта | адрес эл почты | email | e mail | user email | email address
        attendee email | dia chi email | email nguoi dung | thu dien tu | benutzer e mail | e mail adresse
        e mail adresse des benutzers | adresse e mail | courriel | e mail d utilisateur | correo electronico
        correo electronico del usuario | direccion de correo electronico | endereco de email | e mail do usuario
        email do usuario | indirizzo e mail | indirizzo di posta elettronica | posta elettronica | e mailadres
        adres e mail | e postadress | e post
    """,
    "joined": """
        加入时间 | 加入時間 | 首次加入时间 | 参加時刻 | 参加時間 | 入室時刻 | 참가 시간 | 참여 시간 | время входа
        время подключения | join time | joined | joined at | time joined | first join | first join time | first joined
        meeting join time | thoi gian tham gia | thoi gian vao | gio tham gia | gio vao | tham gia luc
        thoi gian vao phong | vao luc | tham gia lan dau | lan tham gia dau tien | thoi diem tham gia | beitrittszeit
        beitrittszeitpunkt | erster beitritt | zeitpunkt des beitritts | teilnahmezeit | heure d arrivee
        heure d entree | premiere participation | premiere connexion | premiere arrivee | heure de participation
        hora de entrada | hora de ingreso | hora de incorporacion | primera union | primera incorporacion
        primer acceso | hora de inicio de sesion | hora da entrada | horario de entrada | primeira entrada
        primeiro ingresso | ora di accesso | ora di partecipazione | primo accesso | prima partecipazione
        tijdstip van deelname | deelnametijd | eerste deelname | czas dolaczenia | godzina dolaczenia
        pierwsze dolaczenie | tid for anslutning | anslot | waktu bergabung
    """,
    "left": """
        离开时间 | 離開時間 | 最后离开时间 | 退出時刻 | 退出時間 | 退室時刻 | 나간 시간 | 퇴장 시간 | время выхода
        время отключения | leave time | left | left at | time exited | time left | last leave | last leave time
        last left | exit time | meeting leave time | thoi gian roi di | thoi gian roi khoi | thoi gian roi | gio roi
        gio roi di | gio ra | roi di luc | thoi gian ra | ra luc | thoi gian thoat | thoat luc | roi di lan cuoi
        lan roi di cuoi cung | thoi diem roi di | austrittszeit | verlassenszeit | letztes verlassen
        letzter austritt | zeitpunkt des verlassens | uhrzeit des verlassens | heure de depart | heure de sortie
        dernier depart | derniere sortie | hora de salida | ultima salida | hora de abandono | hora de saida
        hora da saida | horario de saida | ultima saida | ora di uscita | ora di abbandono | ultima uscita
        tijdstip van verlaten | vertrektijd | laatst verlaten | laatste vertrek | czas opuszczenia
        godzina opuszczenia | ostatnie opuszczenie | tid for utgang | lamnade | waktu keluar
    """,
    "minutes": """
        时长 分钟 | 总时长 分钟 | 持续时间 分钟 | 期間 分 | 合計時間 分 | 기간 분 | 总时长 | продолжительность минуты
        общая продолжительность минуты | duration | duration minutes | total duration | total duration minutes
        time in session | time in session minutes | time in meeting | in meeting duration | attendance duration
        meeting duration | duration in seconds | duration seconds | thoi luong | thoi luong phut | tong thoi luong
        tong thoi luong phut | tong thoi gian | tong thoi gian phut | thoi gian phut | thoi gian tham du
        thoi gian tham du phut | so phut | thoi gian tham gia phut | thoi luong trong cuoc hop | thoi luong cuoc hop
        thoi gian trong phien phut | thoi luong tham gia | dauer | dauer minuten | gesamtdauer | gesamtdauer minuten
        dauer der besprechung | besprechungsdauer | teilnahmedauer | duree | duree minutes | duree totale
        duree totale minutes | duree de la reunion | duree en reunion | duracion | duracion minutos | duracion total
        duracion total minutos | duracion de la reunion | duracion en la reunion | duracao | duracao minutos
        duracao total | duracao total minutos | duracao da reuniao | duracao na reuniao | durata | durata minuti
        durata totale | durata totale minuti | durata riunione | durata della riunione | duur | duur minuten
        totale duur minuten | duur van vergadering | czas trwania | czas trwania minuty | czas trwania spotkania
        varaktighet | motets langd | durasi | durasi menit
    """,
    "action": """
        user action | action | hanh dong cua nguoi dung | hanh dong nguoi dung | hanh dong | thao tac cua nguoi dung
        benutzeraktion | action de l utilisateur | action utilisateur | accion del usuario | accion de usuario
        acao do usuario | azione utente | gebruikersactie | akcja uzytkownika | anvandaratgard
    """,
    "timestamp": """
        timestamp | time stamp | dau thoi gian | moc thoi gian | thoi diem | zeitstempel | horodatage
        marca de tiempo | carimbo de data hora | data e ora | timestamp data e ora | tijdstempel | znacznik czasu
        tidsstampel
    """,
    "attended": """
        attended | da tham du | da tham gia | tham du | teilgenommen | present | a participe | asistio | participou
    """,
    "waiting": """
        in waiting room | waiting room | trong phong cho | phong cho | im warteraum | en salle d attente
        en sala de espera | na sala de espera | in sala d attesa
    """,
    "account": """
        participant id upn | participant id | teilnehmer id upn | unique id | user id | id nguoi tham gia upn
    """,
}
#: For each field the headings it goes by, as `sessions.tables.heading` makes them.
KNOWN = {
    field: frozenset(_folded(one) for line in lines.splitlines() for one in line.split("|") if one.strip())
    for field, lines in _SPELLINGS.items()
}
_FIELD_OF = {spelling: field for field, spellings in KNOWN.items() for spelling in spellings}


def _words(lines: str) -> frozenset[str]:
    return frozenset(_folded(one) for one in lines.replace("\n", "|").split("|") if one.strip())


#: How lists of single actions say that somebody came, went, or had come before the list began.
_CAME = _words("""
    joined | joined before | da tham gia | tham gia | da tham gia truoc do | da vao | vao | beigetreten
    ist beigetreten | teilgenommen | zuvor beigetreten | a rejoint | rejoint | rejoint avant | s est joint | se unio
    unido | se ha unido | se unio antes | ingresou | entrou | entrou antes | ha partecipato | entrato
    accesso eseguito | deelgenomen | neemt deel | dolaczyl | dolaczono | anslot | bergabung
""")
_WENT = _words("""
    left | da roi di | roi di | da roi khoi | da roi | roi khoi | da thoat | ra | verlassen | hat verlassen | a quitte
    quitte | parti | est parti | salio | abandono | ha abandonado | ha salido | saiu | ha abbandonato | uscito
    verlaten | opuscil | opuszczono | lamnade | keluar
""")


def field_of(text: str) -> str | None:
    """What the column under this heading holds; None when nobody knows.

    A zone or a unit in brackets behind a heading is no part of its name: "Join Time (UTC+7)".
    """
    return _FIELD_OF.get(_folded(text)) or _FIELD_OF.get(_folded(text.partition("(")[0]))


def came(action: str) -> bool:
    """Whether a list of single actions means by this word that somebody came in."""
    return _folded(action) in _CAME


def went(action: str) -> bool:
    """Whether it means that somebody left."""
    return _folded(action) in _WENT


def counts_seconds(text: str) -> bool:
    """Whether bare numbers under this heading are seconds rather than minutes."""
    return bool(re.search(r"\b(?:seconds?|sekunden|secondes|segundos|secondi|giay)\b", search_key(text)))
