//! Telegram: its webhook, and sending through the Bot API, which is played by a server of the test's.

use axum::body::Body;
use axum::http::Request;
use headwater_catalogue::Id;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::stage::{ENTRIES, PUBLIC_URL, REASON, SECRET, STATUS, Stage};
use crate::stand_in::StandIn;

const PATH: &str = "/channels/Bot/telegram";

pub(crate) async fn telegram() -> StandIn {
    StandIn::start(json!({ "ok": true, "result": { "message_id": 7, "chat": { "id": 42 } } })).await
}

pub(crate) struct Bot {
    pub(crate) stage: Stage,
    channel: Id,
    token: String,
}

impl Bot {
    pub(crate) async fn connected(api: &StandIn) -> Self {
        let stage = Stage::set().await;
        let channel = stage.channel("Bot", "Custom", "@shop_bot").await;
        stage.connect(channel, "Telegram", "123456", &api.url).await;
        let token = stage.verify_token(channel).await;
        Self {
            stage,
            channel,
            token,
        }
    }

    fn update(&self, number: u64, what: &Value) -> Request<Body> {
        let mut update = what.clone();
        update["update_id"] = number.into();
        Request::post(PATH)
            .header("content-type", "application/json")
            .header("x-telegram-bot-api-secret-token", &self.token)
            .body(Body::from(update.to_string()))
            .unwrap()
    }

    pub(crate) async fn tell(&self, number: u64, what: &Value) -> String {
        self.stage
            .send(self.update(number, what))
            .await
            .expect(200)
            .text
    }
}

fn from() -> Value {
    json!({ "id": 42, "first_name": "Jordan", "last_name": "Lee", "username": "jordan" })
}

pub(crate) fn message(id: u64, what: &Value) -> Value {
    let mut message = json!({ "message_id": id, "date": 1, "chat": { "id": 42, "type": "private" }, "from": from() });
    for (name, value) in what.as_object().unwrap() {
        message[name] = value.clone();
    }
    json!({ "message": message })
}

#[tokio::test]
async fn what_a_customer_writes_is_kept_once_whatever_it_is() {
    let mut api = telegram().await;
    api.url = "http://127.0.0.1:9".to_owned();
    let bot = Bot::connected(&api).await;
    let kinds = [
        (json!({ "text": "Hello" }), "Hello"),
        (
            json!({ "photo": [{ "file_id": "f" }], "caption": "Look" }),
            "[image]\nLook",
        ),
        (
            json!({ "document": { "file_id": "f", "file_name": "a.pdf" } }),
            "[document a.pdf]",
        ),
        (json!({ "voice": { "file_id": "f" } }), "[voice message]"),
        (json!({ "sticker": { "emoji": "👍" } }), "[sticker 👍]"),
        (
            json!({ "location": { "latitude": 38.9, "longitude": -77.0 } }),
            "[location 38.9, -77.0]",
        ),
        (
            json!({ "location": { "latitude": 1, "longitude": 2 }, "venue": { "location": { "latitude": 1, "longitude": 2 }, "title": "Dock", "address": "1 Pier" } }),
            "[location 1, 2] Dock, 1 Pier",
        ),
        (
            json!({ "contact": { "first_name": "Avery", "phone_number": "+12025550199" } }),
            "[contact] Avery, +12025550199",
        ),
        (
            json!({ "tomorrow": {} }),
            "[message of a kind that is not shown here]",
        ),
    ];
    let numbered = (1..).zip(&kinds);
    for (number, (what, _)) in numbered {
        for _ in 0..2 {
            bot.tell(number, &message(number, what)).await;
        }
    }
    let wanted: Vec<_> = kinds.iter().map(|(_, words)| *words).collect();
    bot.stage.until(ENTRIES, "Message", &wanted).await;
    let user = "SELECT Name, MessagingPlatformKey FROM MessagingEndUser";
    bot.stage.until(user, "Name", &["Jordan Lee"]).await;
    bot.stage.until(user, "MessagingPlatformKey", &["42"]).await;
}

#[tokio::test]
async fn whoever_does_not_know_the_token_is_refused() {
    let bot = Bot::connected(&telegram().await).await;
    let what = message(1, &json!({ "text": "Hello" }));
    let mut wrong = bot.update(1, &what);
    wrong
        .headers_mut()
        .insert("x-telegram-bot-api-secret-token", "guess".parse().unwrap());
    bot.stage.send(wrong).await.expect(403);
    let mut lacking = bot.update(1, &what);
    lacking.headers_mut().clear();
    bot.stage.send(lacking).await.expect(403);
    assert!(bot.stage.rows(ENTRIES).await.is_empty());
}

#[tokio::test]
async fn a_pressed_button_is_answered_edits_are_noted_and_groups_are_left_alone() {
    let bot = Bot::connected(&telegram().await).await;
    let pressed = json!({ "callback_query": {
        "id": "c1", "from": from(), "data": "size_l",
        "message": {
            "message_id": 5, "chat": { "id": 42, "type": "private" },
            "reply_markup": { "inline_keyboard": [[{ "text": "Large", "callback_data": "size_l" }]] },
        },
    } });
    let answer: Value = serde_json::from_str(&bot.tell(1, &pressed).await).unwrap();
    assert_eq!(
        answer,
        json!({ "method": "answerCallbackQuery", "callback_query_id": "c1" })
    );
    let mut edited = message(3, &json!({ "text": "Hallo", "edit_date": 9 }));
    edited["edited_message"] = edited["message"].take();
    edited.as_object_mut().unwrap().remove("message");
    bot.tell(2, &edited).await;
    let group = json!({ "message": { "message_id": 4, "chat": { "id": -1, "type": "group" }, "from": from(), "text": "Hi all" } });
    assert_eq!(bot.tell(3, &group).await, "");
    bot.stage
        .until(ENTRIES, "Message", &["Large", "[edited] Hallo"])
        .await;
}

#[tokio::test]
async fn who_blocks_the_bot_has_opted_out_and_who_comes_back_has_not() {
    let bot = Bot::connected(&telegram().await).await;
    bot.tell(1, &message(1, &json!({ "text": "Hello" }))).await;
    bot.stage.until(ENTRIES, "Message", &["Hello"]).await;
    let is_now = |status: &str, date: u64| json!({ "my_chat_member": { "chat": { "id": 42, "type": "private" }, "from": from(), "date": date, "new_chat_member": { "status": status } } });
    bot.tell(2, &is_now("kicked", 2)).await;
    let consent = "SELECT MessagingConsentStatus FROM MessagingEndUser";
    bot.stage
        .until(consent, "MessagingConsentStatus", &["OptedOut"])
        .await;
    bot.stage
        .until("SELECT Status FROM MessagingSession", "Status", &["Ended"])
        .await;
    let kinds = "SELECT EntryType FROM ConversationEntry ORDER BY Seq";
    bot.stage
        .until(kinds, "EntryType", &["Text", "EndUserOptedOut"])
        .await;
    bot.tell(3, &is_now("member", 3)).await;
    bot.stage
        .until(consent, "MessagingConsentStatus", &["ImplicitlyOptedIn"])
        .await;
}

#[tokio::test]
async fn an_answer_goes_to_the_chat_and_waits_as_long_as_telegram_asks() {
    let api = telegram().await;
    let bot = Bot::connected(&api).await;
    bot.tell(1, &message(1, &json!({ "text": "Hello" }))).await;
    bot.stage.until(ENTRIES, "Message", &["Hello"]).await;
    let busy = json!({ "ok": false, "error_code": 429, "description": "Too Many Requests", "parameters": { "retry_after": 35 } });
    api.say(429, None, busy);
    bot.stage.agent_says("Good day").await.unwrap();
    let started = bot.stage.server.org().now();
    bot.stage
        .until_in_time(STATUS, "MessageStatus", &["Sent"])
        .await;
    let waited = bot.stage.server.org().now().duration_since(started);
    assert!(waited >= SignedDuration::from_secs(35), "{waited}");
    let asked = api.asked();
    assert!(asked.len() > 1, "{asked:?}");
    assert_eq!(asked[1].what, format!("POST /bot{SECRET}/sendMessage"));
    assert_eq!(asked[1].body, json!({ "chat_id": 42, "text": "Good day" }));
    let blocked = json!({ "ok": false, "error_code": 403, "description": "Forbidden: bot was blocked by the user" });
    api.say(403, None, blocked);
    bot.stage.server.expect_log("a message could not be sent");
    bot.stage.agent_says("Still there?").await.unwrap();
    let why = ["", "403: Forbidden: bot was blocked by the user"];
    bot.stage.until(REASON, "MessageStatusCode", &why).await;
}

#[tokio::test]
async fn the_bot_is_told_where_to_bring_what_happens() {
    let api = telegram().await;
    let bot = Bot::connected(&api).await;
    api.say(
        200,
        None,
        json!({ "ok": true, "result": { "username": "shop_bot" } }),
    );
    let system = bot.stage.server.org().system();
    let name = bot
        .stage
        .messaging
        .introduce(&system, bot.channel)
        .await
        .unwrap();
    assert_eq!(name, "@shop_bot");
    let asked = api.asked();
    assert_eq!(asked[1].what, format!("POST /bot{SECRET}/setWebhook"));
    assert_eq!(asked[1].body["url"], format!("{PUBLIC_URL}{PATH}"));
    assert_eq!(asked[1].body["secret_token"], bot.token);
    // A token that Telegram does not know, and a server that cannot be reached, give nothing away.
    api.say(
        401,
        None,
        json!({ "ok": false, "error_code": 401, "description": "Unauthorized" }),
    );
    let refused = bot
        .stage
        .messaging
        .introduce(&system, bot.channel)
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "401: Unauthorized");
    bot.stage
        .connect(bot.channel, "Telegram", "123456", "http://127.0.0.1:9")
        .await;
    let refused = bot
        .stage
        .messaging
        .introduce(&system, bot.channel)
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "NOT_REACHED: Telegram cannot be reached"
    );
}
