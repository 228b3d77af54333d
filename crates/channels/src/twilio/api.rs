//! Sending through Twilio's Messages resource.

use headwater_messaging::{Media, NewFile, Outgoing, Template, Undelivered};

use crate::api::{Answer, call, not_understood};
use crate::carriers::Connection;
use crate::fetch::{self, Key, Source};
use crate::file_links;

/// Where the API is.
const API: &str = "https://api.twilio.com";

const TWILIO: &str = "Twilio";

/// The code of a message to somebody who has told Twilio STOP.
pub(super) const OPTED_OUT: &str = "21610";

/// Hands a message over; gives Twilio's id for it.
pub(crate) async fn send(
    connection: &Connection<'_>,
    outgoing: &Outgoing,
) -> Result<String, Undelivered> {
    let account = &connection.account;
    let api = connection.api(API);
    let url = format!("{api}/2010-04-01/Accounts/{}/Messages.json", account.key);
    let mut form = vec![("To", outgoing.to.clone()), ("From", outgoing.from.clone())];
    match &outgoing.template {
        // Buttons are templates here, which somebody has to make beforehand.
        None if !outgoing.text.is_empty() => form.push(("Body", outgoing.text_with_choices())),
        None => {}
        Some(template) => {
            form.push(("ContentSid", template.name.clone()));
            form.push(("ContentVariables", variables(template)));
        }
    }
    for file in &outgoing.files {
        form.push(("MediaUrl", file_links::of(connection, file).await?));
    }
    if let Some(url) = connection.public_url {
        form.push((
            "StatusCallback",
            format!("{}/status", connection.webhook(url)),
        ));
    }
    let request = connection.client.post(url);
    let request = request.basic_auth(&account.key, Some(account.secret.expose()));
    let answer = call(TWILIO, request.form(&form)).await?;
    if answer.status.is_success() {
        return answer.text("/sid").ok_or_else(|| not_understood(TWILIO));
    }
    Err(refused(&answer))
}

/// Asks Twilio for the account: its name there.
pub(crate) async fn introduce(connection: &Connection<'_>) -> Result<String, Undelivered> {
    let account = &connection.account;
    let api = connection.api(API);
    let url = format!("{api}/2010-04-01/Accounts/{}.json", account.key);
    let request = connection.client.get(url);
    let request = request.basic_auth(&account.key, Some(account.secret.expose()));
    let answer = call(TWILIO, request).await?;
    if answer.status.is_success() {
        let name = answer.text("/friendly_name");
        return name.ok_or_else(|| not_understood(TWILIO));
    }
    Err(refused(&answer))
}

/// Fetches a file of a message; Twilio leads from its API to where it keeps files.
pub(crate) async fn fetch(
    connection: &Connection<'_>,
    media: &Media,
) -> Result<NewFile, Undelivered> {
    let account = &connection.account;
    let source = Source {
        carrier: TWILIO,
        api: connection.api(API),
        hosts: &[".twilio.com", ".twiliocdn.com", ".amazonaws.com"],
        opened_by: Key::Basic(&account.key, account.secret.expose()),
    };
    fetch::file(connection, &source, &media.reference, media).await
}

/// What fills a content template in, as Twilio takes it: by number, from one.
fn variables(template: &Template) -> String {
    let numbered = (1..).zip(&template.parameters);
    let numbered =
        numbered.map(|(number, text): (u32, _)| (number.to_string(), text.as_str().into()));
    serde_json::Value::Object(numbered.collect()).to_string()
}

fn refused(answer: &Answer) -> Undelivered {
    let code = answer.text("/code");
    let is_opted_out = code.as_deref() == Some(OPTED_OUT);
    let reason = answer.text("/message");
    let refused = Undelivered::for_good(
        code.unwrap_or_else(|| answer.status.as_u16().to_string()),
        reason.unwrap_or_else(|| format!("Twilio answered {}", answer.status)),
    );
    if is_opted_out {
        return refused.opted_out();
    }
    refused.again(answer.again())
}
