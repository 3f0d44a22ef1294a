"""The sentences of our e-mails, by language; ``{}`` places take facts of the order."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kernel.money import Money


class Language(StrEnum):
    """A language that customers are written to in (BCP 47)."""

    ENGLISH = "en"
    PORTUGUESE = "pt"


class ExceptionCause(StrEnum):
    """What stands in a parcel's way, in the few classes that a customer can make use of."""

    WEATHER = "weather"
    ADDRESS = "address"
    NOBODY_HOME = "nobody_home"
    PICKUP_POINT = "pickup_point"
    CUSTOMS = "customs"
    DAMAGED = "damaged"
    LOST = "lost"
    DELAYED = "delayed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Wording:
    """All sentences of one language.

    Attributes:
        weekdays: Monday first.
        months: January first.
        day: how weekday, day and month stand together.
        marks: what parts thousands, and what parts the minor units of an amount.
        causes: one sentence for each :class:`ExceptionCause`.
    """

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str
    marks: str
    greeting: str
    greeting_without_name: str
    confirmed_subject: str
    confirmed: str
    shipped_subject: str
    shipped: str
    exception_subject: str
    delivered_subject: str
    delivered: str
    delivered_on: str
    return_subject: str
    return_ready: str
    return_by: str
    again_subject: str
    again: str
    again_free: str
    refund_subject: str
    parcel_refund: str
    return_refund: str
    refund_way: str
    choice_subject: str
    choice: str
    choice_way: str
    choice_label: str
    moved_subject: str
    moved: str
    promised: str
    new_promise: str
    follow: str
    no_date: str
    track_label: str
    return_label: str
    closing: str
    causes: dict[ExceptionCause, str]

    def day_in_words(self, day: date) -> str:
        """Return ``day`` as people say it, without the year: a promise is never a year away."""
        return self.day.format(weekday=self.weekdays[day.weekday()], month=self.months[day.month - 1], number=day.day)

    def amount_in_words(self, amount: Money) -> str:
        """Return ``amount`` with its currency's code and the marks of the language."""
        return str(amount).translate(str.maketrans(",.", self.marks))


ENGLISH = Wording(
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    day="{weekday}, {month} {number}",
    marks=",.",
    greeting="Hello {name},",
    greeting_without_name="Hello,",
    confirmed_subject="Your order {order} at {brand} is confirmed",
    confirmed="Thank you for your order {order}. We are getting it ready.",
    shipped_subject="Your order {order} from {brand} is on its way",
    shipped="Your parcel of order {order} has left our warehouse.",
    exception_subject="Your order {order} from {brand}: a change to the delivery",
    delivered_subject="Your order {order} from {brand} has arrived",
    delivered="Your parcel of order {order} was delivered.",
    delivered_on="Your parcel of order {order} was delivered on {day}.",
    return_subject="Your return {return_number} to {brand} is ready to send",
    return_ready="Your return {return_number} for order {order} is approved. This page has your label and the steps.",
    return_by="Please hand the parcel in by {day}.",
    again_subject="Your order {order} from {brand}: we are sending it again",
    again="Your parcel of order {order} did not arrive, so we are sending its contents again: order {replacement}.",
    again_free="It costs you nothing, and you do not need to do anything.",
    refund_subject="Your refund of {amount} for order {order} from {brand}",
    parcel_refund="Your parcel of order {order} did not arrive, so we are paying you back {amount} for it.",
    return_refund="Your return {return_number} of order {order} is checked, and we are paying you back {amount}.",
    refund_way="The money goes back the way you paid. Depending on your bank it can take some days to show.",
    choice_subject="Your order {order} from {brand}: something is missing, please choose",
    choice="Something of your order {order} was not on the shelf when we collected it.",
    choice_way="You can wait, take something else that never costs you more, leave it out or cancel: please choose.",
    choice_label="Choose",
    moved_subject="Your order {order} from {brand}: a new delivery day",
    moved="We cannot keep the day that we named for your order {order}, and we are sorry.",
    promised="It will be with you by {day}.",
    new_promise="We now expect it by {day}.",
    follow="You do not need to do anything. We are following it and will write when there is news.",
    no_date="We will tell you the day as soon as we know it.",
    track_label="Follow your order",
    return_label="Open your return",
    closing="{brand}",
    causes={
        ExceptionCause.WEATHER: "Bad weather is holding up your parcel of order {order}.",
        ExceptionCause.ADDRESS: "The carrier could not find the address for your parcel of order {order}.",
        ExceptionCause.NOBODY_HOME: "The carrier came with your parcel of order {order}, but nobody could take it.",
        ExceptionCause.PICKUP_POINT: "Your parcel of order {order} is waiting for you at a pickup point.",
        ExceptionCause.CUSTOMS: "Customs is checking your parcel of order {order}.",
        ExceptionCause.DAMAGED: "Your parcel of order {order} was damaged on its way.",
        ExceptionCause.LOST: "The carrier cannot find your parcel of order {order}.",
        ExceptionCause.DELAYED: "Your parcel of order {order} is late.",
        ExceptionCause.OTHER: "The carrier reported a problem with your parcel of order {order}.",
    },
)

PORTUGUESE = Wording(
    weekdays=(
        "segunda-feira",
        "terça-feira",
        "quarta-feira",
        "quinta-feira",
        "sexta-feira",
        "sábado",
        "domingo",
    ),
    months=(
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ),
    day="{weekday}, {number} de {month}",
    marks=".,",
    greeting="Olá, {name},",
    greeting_without_name="Olá,",
    confirmed_subject="Seu pedido {order} na {brand} está confirmado",
    confirmed="Obrigado pelo seu pedido {order}. Já estamos preparando tudo.",
    shipped_subject="Seu pedido {order} da {brand} está a caminho",
    shipped="O pacote do seu pedido {order} saiu do nosso armazém.",
    exception_subject="Seu pedido {order} da {brand}: mudança na entrega",
    delivered_subject="Seu pedido {order} da {brand} chegou",
    delivered="O pacote do seu pedido {order} foi entregue.",
    delivered_on="O pacote do seu pedido {order} foi entregue: {day}.",
    return_subject="Sua devolução {return_number} para {brand} está pronta para envio",
    return_ready="Sua devolução {return_number} do pedido {order} foi aprovada. A etiqueta e os passos estão aqui.",
    return_by="Entregue o pacote até {day}.",
    again_subject="Seu pedido {order} da {brand}: vamos enviar de novo",
    again="O pacote do seu pedido {order} não chegou. Vamos enviar o conteúdo de novo, como pedido {replacement}.",
    again_free="Isso não custa nada, e você não precisa fazer nada.",
    refund_subject="Seu reembolso de {amount} do pedido {order} da {brand}",
    parcel_refund="O pacote do seu pedido {order} não chegou. Vamos devolver {amount} pelo que estava nele.",
    return_refund="Conferimos sua devolução {return_number} do pedido {order} e vamos reembolsar {amount} por ela.",
    refund_way="O dinheiro volta pela forma de pagamento usada. Conforme o banco, pode levar alguns dias.",
    choice_subject="Seu pedido {order} da {brand}: falta um item, escolha o que fazer",
    choice="Um item do seu pedido {order} não estava na prateleira quando fomos separá-lo.",
    choice_way="Você pode esperar, receber outro item que nunca custa mais, seguir sem ele ou cancelar: escolha.",
    choice_label="Escolher",
    moved_subject="Seu pedido {order} da {brand}: nova data de entrega",
    moved="Não vamos conseguir cumprir a data que informamos para o seu pedido {order}. Pedimos desculpas.",
    promised="Ele chega até {day}.",
    new_promise="A nova previsão é até {day}.",
    follow="Você não precisa fazer nada. Estamos acompanhando e avisaremos quando houver novidades.",
    no_date="Avisaremos o dia assim que soubermos.",
    track_label="Acompanhar o pedido",
    return_label="Abrir a devolução",
    closing="{brand}",
    causes={
        ExceptionCause.WEATHER: "O mau tempo está atrasando o pacote do seu pedido {order}.",
        ExceptionCause.ADDRESS: "A transportadora não encontrou o endereço do pacote do seu pedido {order}.",
        ExceptionCause.NOBODY_HOME: "A transportadora tentou entregar o pedido {order}, mas ninguém pôde receber.",
        ExceptionCause.PICKUP_POINT: "O pacote do seu pedido {order} espera por você em um ponto de retirada.",
        ExceptionCause.CUSTOMS: "A alfândega está verificando o pacote do seu pedido {order}.",
        ExceptionCause.DAMAGED: "O pacote do seu pedido {order} foi danificado no caminho.",
        ExceptionCause.LOST: "A transportadora não encontra o pacote do seu pedido {order}.",
        ExceptionCause.DELAYED: "O pacote do seu pedido {order} está atrasado.",
        ExceptionCause.OTHER: "A transportadora informou um problema com o pacote do seu pedido {order}.",
    },
)

WORDINGS = {Language.ENGLISH: ENGLISH, Language.PORTUGUESE: PORTUGUESE}
