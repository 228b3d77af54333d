//! The chat window for web pages, and a page of our own that shows it.

use std::sync::LazyLock;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::door::Channels;

/// The window's script with its style in it; the org is put in when it is asked for.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let style = include_str!("../widget/widget.css");
    include_str!("../widget/widget.js").replace("{STYLE}", style)
});

/// Nothing on the page but the window's script, which draws by itself and calls this server alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      connect-src 'self'; img-src blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// `GET /widget.js`
pub(crate) async fn script(State(channels): State<Channels>) -> Response {
    let org = channels.messaging.org().organization();
    let script = SCRIPT.replace("{ORG}", org.as_str());
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        // A new version is seen by the next page that is opened.
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, script).into_response()
}

/// `GET /chat/{deployment}`: a page with nothing but the chat.
pub(crate) async fn page(
    State(channels): State<Channels>,
    Path(deployment): Path<String>,
) -> Response {
    let channel = channels.messaging.web_channel(&deployment).await;
    if let Err(error) = channel {
        let (status, said) = match error {
            headwater_messaging::Error::NoSuchChannel(_) => {
                (StatusCode::NOT_FOUND, "There is no such chat.")
            }
            _ => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The chat is not there right now.",
            ),
        };
        return (status, said).into_response();
    }
    // A name of a channel that is there holds letters, digits and underscores alone; whatever else
    // would have found none. It is escaped all the same.
    let name = escaped(&deployment);
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Chat with us</title>\
         <style>:root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;max-width:40rem;padding:0 1rem}}</style></head>\
         <body><main><h1>Chat with us</h1><p>Write to us in the window at the lower right. You may close \
         this page and come back; the conversation is kept in this browser.</p></main>\
         <script src=\"/widget.js\" data-deployment=\"{name}\" data-open></script></body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, page).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::SCRIPT;

    /// Bytes that a page has to load for the window, packed as any server packs it.
    const BYTES_MAX: usize = 25_000;

    #[test]
    fn the_window_costs_a_page_little() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(SCRIPT.as_bytes()).unwrap();
        let bytes = packed.finish().unwrap().len();
        assert!(bytes < BYTES_MAX, "{bytes} bytes");
    }
}
