//! Files of messages, which Meta holds.

use headwater_messaging::{Media, NewFile, Undelivered};

use super::api::{API, META, get};
use crate::api::not_understood;
use crate::carriers::Connection;
use crate::fetch::{self, Key, Source};

/// Where Meta keeps files.
const HOSTS: &[&str] = &[".fbsbx.com", ".fbcdn.net", ".whatsapp.net", ".facebook.com"];

fn source<'a>(connection: &'a Connection<'_>, opened_by: Key<'a>) -> Source<'a> {
    Source {
        carrier: META,
        api: connection.api(API),
        hosts: HOSTS,
        opened_by,
    }
}

/// Fetches a file by its id: the API says where it is for a few minutes.
pub(crate) async fn fetch_whatsapp(
    connection: &Connection<'_>,
    media: &Media,
) -> Result<NewFile, Undelivered> {
    let answer = get(connection, &media.reference)
        .await
        .map_err(fetch::asked)?;
    let address = answer.text("/url").ok_or_else(|| not_understood(META))?;
    let key = Key::Bearer(connection.account.secret.expose());
    fetch::file(connection, &source(connection, key), &address, media).await
}

/// Fetches a file at the address that came with the message, which is open to whoever knows it.
pub(crate) async fn fetch_messenger(
    connection: &Connection<'_>,
    media: &Media,
) -> Result<NewFile, Undelivered> {
    let source = source(connection, Key::Nothing);
    fetch::file(connection, &source, &media.reference, media).await
}
