//! The console's script, style and icon: embedded, each under an address that holds a hash of what is
//! in it, so that browsers keep them for good.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

/// Empty where the build had no Node: pages are whole without it.
const SCRIPT: &[u8] = include_bytes!(env!("HEADWATER_SCRIPT_FILE"));
const STYLE: &[u8] = include_bytes!(env!("HEADWATER_STYLE_FILE"));
/// The emoji and their picker, which are loaded when somebody wants them.
const EMOJI: &[u8] = include_bytes!(env!("HEADWATER_EMOJI_FILE"));
const ICON: &[u8] = include_bytes!(env!("HEADWATER_ICON_FILE"));

const SCRIPT_URL: &str = concat!("/assets/", env!("HEADWATER_SCRIPT_HASH"), "/console.js");
const STYLE_URL: &str = concat!("/assets/", env!("HEADWATER_STYLE_HASH"), "/console.css");
const EMOJI_URL: &str = concat!("/assets/", env!("HEADWATER_EMOJI_HASH"), "/emoji.js");
const ICON_URL: &str = concat!("/assets/", env!("HEADWATER_ICON_HASH"), "/icon.svg");

/// A file of another build has another address, so nobody needs to ask again for this one.
const KEPT_FOR_GOOD: (HeaderName, &str) =
    (header::CACHE_CONTROL, "public, max-age=31536000, immutable");

/// The address of the script; none where the console was built without it.
pub(crate) fn script_url() -> Option<&'static str> {
    (!SCRIPT.is_empty()).then_some(SCRIPT_URL)
}

/// The address of the style.
pub(crate) fn style_url() -> &'static str {
    STYLE_URL
}

/// The address of the emoji's script; none where the console was built without it.
pub(crate) fn emoji_url() -> Option<&'static str> {
    (!EMOJI.is_empty()).then_some(EMOJI_URL)
}

/// The address of the icon.
pub(crate) fn icon_url() -> &'static str {
    ICON_URL
}

/// The files' own routes: for anybody, signed in or not.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{hash}/{file}", get(file))
}

async fn file(Path((hash, file)): Path<(String, String)>) -> Response {
    let asked = format!("/assets/{hash}/{file}");
    let (kind, content) = match asked.as_str() {
        SCRIPT_URL if !SCRIPT.is_empty() => ("text/javascript; charset=utf-8", SCRIPT),
        EMOJI_URL if !EMOJI.is_empty() => ("text/javascript; charset=utf-8", EMOJI),
        STYLE_URL => ("text/css; charset=utf-8", STYLE),
        ICON_URL => ("image/svg+xml", ICON),
        // Kept by nobody: during an update, an older server is asked for the newer one's files.
        _ => return (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response(),
    };
    ([(header::CONTENT_TYPE, kind), KEPT_FOR_GOOD], content).into_response()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tower::ServiceExt as _;

    use super::*;

    const SCRIPT_BYTES_MAX: usize = 60 * 1024;
    const EMOJI_BYTES_MAX: usize = 60 * 1024;
    const STYLE_BYTES_MAX: usize = 30 * 1024;

    fn packed(content: &[u8]) -> usize {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap().len()
    }

    async fn answer(url: &str) -> Response {
        let request = Request::get(url).body(Body::empty()).unwrap();
        routes::<()>()
            .with_state(())
            .oneshot(request)
            .await
            .unwrap()
    }

    #[test]
    fn script_and_style_stay_small() {
        let (script, style) = (packed(SCRIPT), packed(STYLE));
        assert!(
            script < SCRIPT_BYTES_MAX,
            "the script has {script} bytes compressed"
        );
        assert!(
            style < STYLE_BYTES_MAX,
            "the style has {style} bytes compressed"
        );
        let emoji = packed(EMOJI);
        assert!(
            emoji < EMOJI_BYTES_MAX,
            "the emoji have {emoji} bytes compressed"
        );
        assert!(!STYLE.is_empty());
    }

    #[test]
    fn the_script_is_there_where_it_is_demanded() {
        let is_demanded = std::env::var_os("HEADWATER_DEMAND_SCRIPT").is_some_and(|it| it == "1");
        if script_url().is_none() {
            assert!(!is_demanded, "built without the script");
            eprintln!("SKIPPED: the console was built without its script");
            return;
        }
        let text = std::str::from_utf8(SCRIPT).unwrap();
        assert!(text.contains("headwater:changed"));
        // Whose work is in it is told with it.
        assert!(text.contains("Permission is hereby granted"));
    }

    #[tokio::test]
    async fn files_are_kept_for_good_under_the_address_of_their_content() {
        let urls = [
            script_url(),
            emoji_url(),
            Some(style_url()),
            Some(icon_url()),
        ];
        for url in urls.into_iter().flatten() {
            let answer = answer(url).await;
            assert_eq!(answer.status(), StatusCode::OK, "{url}");
            assert_eq!(
                answer.headers()[header::CACHE_CONTROL],
                KEPT_FOR_GOOD.1,
                "{url}"
            );
            assert!(!answer.headers().contains_key(header::ETAG), "{url}");
            assert!(
                !to_bytes(answer.into_body(), usize::MAX)
                    .await
                    .unwrap()
                    .is_empty(),
                "{url}"
            );
        }
        let style = answer(style_url()).await;
        assert_eq!(
            style.headers()[header::CONTENT_TYPE],
            "text/css; charset=utf-8"
        );
    }

    #[tokio::test]
    async fn a_file_of_another_build_is_not_there_and_nobody_keeps_that() {
        let answer = answer("/assets/0000000000000000/console.css").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    }
}
