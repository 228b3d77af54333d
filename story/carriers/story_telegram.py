"""python-telegram-bot's types are what we take, and its bot sends what we send."""

import asyncio
import datetime
import json

import requests
import telegram
from telegram import Bot, Chat, File, InlineKeyboardButton, InlineKeyboardMarkup, Message, PhotoSize, Update, User

from carriers import StandIn, expect, org, say

TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"
CHAT = Chat(id=42, type="private", first_name="Jordan")
CUSTOMER = User(id=42, is_bot=False, first_name="Jordan", last_name="Lee", username="jordan")
BOT = User(id=123456, is_bot=True, first_name="Shop", username="shop_bot")
NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)


def message(number, **what):
    return Message(message_id=number, date=NOW, chat=CHAT, **what)


def answers(asked):
    method = asked.path.split("/")[-1]
    if asked.path == f"/file/bot{TOKEN}/photos/1.jpg":
        return "application/octet-stream", b"a picture"
    result = {
        "getMe": BOT.to_dict,
        "setWebhook": lambda: True,
        "getFile": File(file_id="photo", file_unique_id="p", file_size=9, file_path="photos/1.jpg").to_dict,
    }.get(method, lambda: message(100 + len(bot_api.asked), from_user=BOT, text="sent").to_dict())
    return {"ok": True, "result": result()}


def plain(fields):
    """Fields as they are meant, whether they came as JSON or as texts of a form."""
    def read(value):
        try:
            return json.loads(value)
        except (TypeError, ValueError):
            return value
    return {name: read(value) for name, value in fields.items()}


def library_asks(call):
    """What the library's bot asks Telegram for, as fields."""
    async def ask():
        async with Bot(TOKEN, base_url=f"{bot_api.url}/bot", base_file_url=f"{bot_api.url}/file/bot") as bot:
            await call(bot)
    asyncio.run(ask())
    return plain({name: values[0] for name, values in bot_api.asked[-1].form().items()})


bot_api = StandIn(answers)
with org() as headwater:
    channel = headwater.channel("Bot_of_ours", "Custom", "@shop_bot")
    connected = headwater.connect("Bot_of_ours", "telegram", bot_api.url, TOKEN)
    customers, agents = headwater.said(channel, "EndUser"), headwater.said(channel, "Agent")

    say("The bot tells Telegram where to bring updates.")
    headwater.headwater("channel", "check", "Bot_of_ours")
    told = bot_api.last("/setWebhook").json()
    expect("the address is ours", connected["webhook"], told["url"])
    expect("the token has the characters that Telegram takes", True,
           0 < len(told["secret_token"]) <= 256 and told["secret_token"].replace("-", "").isalnum())
    expect("the sorts of updates are ones that the library knows", True,
           set(told["allowed_updates"]) <= set(telegram.constants.UpdateType))

    def brings(update, token=told["secret_token"]):
        """Telegram brings an update as the library has it."""
        return requests.post(told["url"], json=update.to_dict(),
                             headers={"X-Telegram-Bot-Api-Secret-Token": token})

    say("Updates as the library types them are taken, from Telegram alone.")
    hello = Update(1, message=message(1, from_user=CUSTOMER, text="Grüße 👋"))
    expect("a text is taken", 200, brings(hello).status_code)
    expect("and again", 200, brings(hello).status_code)
    expect("whoever guesses the token is refused", 403, brings(hello, "guess").status_code)
    sizes = [PhotoSize(file_id="small", file_unique_id="s", width=90, height=90),
             PhotoSize(file_id="photo", file_unique_id="p", width=900, height=900, file_size=9)]
    photo = Update(2, message=message(2, from_user=CUSTOMER, photo=sizes, caption="Look"))
    expect("a photo is taken", 200, brings(photo).status_code)
    headwater.until("both are in the transcript once", customers, "Message", ["Grüße 👋", "Look"])
    session = headwater.session(channel)
    expect("the largest size of the photo is at the session", [("image.jpg", b"a picture")],
           headwater.files(session))

    say("What an agent writes is what the library's bot would send.")
    expect("an agent answers", 303, headwater.agent_sends(session, "Good day"))
    headwater.until("the message is sent", agents, "MessageStatus", ["Sent"])
    ours = plain(bot_api.last("/sendMessage").json())
    expect("the library sends the same", library_asks(lambda bot: bot.send_message(42, "Good day")), ours)

    expect("an agent offers answers", 303, headwater.agent_sends(session, "Which size?", "Small | Large"))
    headwater.until("they are sent", agents, "MessageStatus", ["Sent", "Sent"])
    ours = bot_api.last("/sendMessage").json()
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(size, callback_data=size)]
                                     for size in ("Small", "Large")])
    expect("the library reads the buttons", keyboard,
           InlineKeyboardMarkup.de_json(ours["reply_markup"], None))
    expect("and sends the same", library_asks(
        lambda bot: bot.send_message(42, "Which size?", reply_markup=keyboard)), plain(ours))
    pressed = Update(3, callback_query=telegram.CallbackQuery(
        id="c1", from_user=CUSTOMER, chat_instance="1", data="Large",
        message=message(7, from_user=BOT, text="Which size?", reply_markup=keyboard)))
    answered = brings(pressed).json()
    expect("a pressed button is answered on the spot",
           {"method": "answerCallbackQuery", "callback_query_id": "c1"}, answered)
    headwater.until("and is in the transcript", customers, "Message", ["Grüße 👋", "Look", "Large"])

    say("Files go out as what they are.")
    files = [("photo.jpg", b"another picture", "image/jpeg"), ("bill.pdf", b"a bill", "application/pdf")]
    expect("an agent sends two files", 303, headwater.agent_sends(session, "Here", files=files))
    headwater.until("text and files are sent", agents, "MessageStatus", ["Sent"] * 5)
    parts = bot_api.last("/sendPhoto").parts()
    expect("a photo as a photo", ("photo.jpg", b"another picture"), parts["photo"])
    expect("to the chat", (None, b"42"), parts["chat_id"])
    expect("all else as a document", ("bill.pdf", b"a bill"), bot_api.last("/sendDocument").parts()["document"])
