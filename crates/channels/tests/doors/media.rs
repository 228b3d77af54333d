//! Files that customers send, fetched from each carrier as it holds them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::stage::{ENTRIES, SECRET, Stage};
use crate::stand_in::StandIn;
use crate::{messenger, telegram, twilio, whatsapp};

const FILES: &str = "SELECT ContentDocument.Title FROM ContentDocumentLink WHERE \
                     LinkedEntity.Type = 'ConversationEntry' ORDER BY ContentDocumentId";
const ENDINGS: &str = "SELECT ContentDocument.FileExtension FROM ContentDocumentLink WHERE \
                       LinkedEntity.Type = 'ConversationEntry' ORDER BY ContentDocumentId";

async fn has(stage: &Stage, titles: &[&str], endings: &[&str]) {
    stage.until(FILES, "ContentDocument.Title", titles).await;
    stage
        .until(ENDINGS, "ContentDocument.FileExtension", endings)
        .await;
}

#[tokio::test]
async fn a_picture_of_whatsapps_is_asked_for_by_its_id_and_then_fetched() {
    let api = whatsapp::meta().await;
    let stage = Stage::set().await;
    whatsapp::connected(&stage, &api.url).await;
    api.say(
        200,
        None,
        json!({ "url": format!("{}/files/1", api.url), "mime_type": "image/jpeg" }),
    );
    api.give("image/jpeg", b"jpeg");
    let image = json!({ "id": "777", "mime_type": "image/jpeg", "caption": "Look" });
    let message =
        json!({ "id": "wamid.1", "from": "12025550147", "type": "image", "image": image });
    whatsapp::tell(&stage, &json!({ "messages": [message] })).await;
    stage.until(ENTRIES, "Message", &["Look"]).await;
    has(&stage, &["image"], &["jpg"]).await;
    let asked = api.asked();
    let paths: Vec<_> = asked.iter().map(|asked| asked.what.as_str()).collect();
    assert_eq!(paths, ["GET /v23.0/777", "GET /files/1"]);
    for asked in asked {
        assert_eq!(asked.authorization, format!("Bearer {SECRET}"));
    }
}

#[tokio::test]
async fn what_is_no_file_of_a_message_is_said_at_the_message() {
    let api = whatsapp::meta().await;
    let stage = Stage::set().await;
    whatsapp::connected(&stage, &api.url).await;
    stage.server.expect_log("a file could not be fetched");
    // A page, and an address that Meta does not keep files at.
    api.say(200, None, json!({ "url": format!("{}/files/1", api.url) }));
    api.give("text/html", b"<script>");
    let document = |id: &str, name: &str| json!({ "id": id, "from": "12025550147", "type": "document", "document": { "id": "1", "filename": name } });
    whatsapp::tell(&stage, &json!({ "messages": [document("one", "a.html")] })).await;
    let looking = "SELECT Message FROM ConversationEntry WHERE MessageIdentifier = 'one'";
    let told = "[document a.html] (not fetched: files of type 'text/html' are not taken";
    until_begins(&stage, looking, told).await;
    api.say(
        200,
        None,
        json!({ "url": "http://169.254.169.254/latest/meta-data" }),
    );
    whatsapp::tell(&stage, &json!({ "messages": [document("two", "b.pdf")] })).await;
    let looking = "SELECT Message FROM ConversationEntry WHERE MessageIdentifier = 'two'";
    until_begins(
        &stage,
        looking,
        "[document b.pdf] (not fetched: the address is none of Meta's)",
    )
    .await;
    assert!(stage.rows(FILES).await.is_empty());
}

async fn until_begins(stage: &Stage, soql: &str, wanted: &str) {
    let looking = async {
        loop {
            let table = stage.rows(soql).await;
            let text = table.first().map(|row| row.text("Message").to_owned());
            if text.is_some_and(|text| text.starts_with(wanted)) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let looked = tokio::time::timeout(std::time::Duration::from_secs(20), looking).await;
    assert!(looked.is_ok(), "nothing begins with {wanted}");
}

#[tokio::test]
async fn twilio_leads_to_where_a_file_is_and_its_secret_goes_no_further() {
    let api = StandIn::start(json!({})).await;
    let stage = Stage::set().await;
    twilio::connected(&stage, Some(api.url.clone())).await;
    api.lead_to("/stored/1");
    api.give("image/png", b"png");
    let url = format!("{}/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", api.url);
    let fields = [
        ("MessageSid", "MM1"),
        ("From", "+12025550147"),
        ("NumMedia", "1"),
        ("MediaContentType0", "image/png"),
        ("MediaUrl0", url.as_str()),
    ];
    stage
        .send(twilio::signed("/channels/Texts/twilio", &fields))
        .await
        .expect(200);
    stage.until(ENTRIES, "Message", &[""]).await;
    has(&stage, &["file"], &["png"]).await;
    let asked = api.asked();
    let basic = STANDARD.encode(format!("{}:{}", twilio::ACCOUNT, twilio::TOKEN));
    assert_eq!(asked[0].authorization, format!("Basic {basic}"));
    assert_eq!(
        (asked[1].what.as_str(), asked[1].authorization.as_str()),
        ("GET /stored/1", "")
    );
}

#[tokio::test]
async fn the_largest_of_a_photos_sizes_is_fetched_from_telegram() {
    let api = telegram::telegram().await;
    let bot = telegram::Bot::connected(&api).await;
    api.say(
        200,
        None,
        json!({ "ok": true, "result": { "file_path": "photos/file_1.jpg" } }),
    );
    api.give("application/octet-stream", b"jpeg");
    let photo =
        json!({ "photo": [{ "file_id": "small" }, { "file_id": "large" }], "caption": "Look" });
    bot.tell(1, &telegram::message(1, &photo)).await;
    bot.stage.until(ENTRIES, "Message", &["Look"]).await;
    has(&bot.stage, &["image"], &["jpg"]).await;
    let asked = api.asked();
    assert_eq!(asked[0].body, json!({ "file_id": "large" }));
    assert_eq!(
        asked[1].what,
        format!("GET /file/bot{SECRET}/photos/file_1.jpg")
    );
}

#[tokio::test]
async fn files_of_messenger_are_fetched_and_shared_pages_are_not() {
    let api = messenger::messenger().await;
    let stage = messenger::connected(&api).await;
    api.give("video/mp4", b"mp4");
    let video = json!({ "type": "video", "payload": { "url": format!("{}/v.mp4", api.url) } });
    let page = json!({ "type": "fallback", "payload": { "url": "https://example.com/page" } });
    let message =
        json!({ "timestamp": 1, "message": { "mid": "m1", "attachments": [video, page] } });
    messenger::tell(&stage, &[message]).await;
    stage
        .until(ENTRIES, "Message", &["[fallback] https://example.com/page"])
        .await;
    has(&stage, &["video"], &["mp4"]).await;
    assert_eq!(api.asked().len(), 1);
}
