//! A form that was sent: its fields, from somebody signed in, on a page of ours.

use axum::body::Bytes;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};

use crate::console::Console;
use crate::fault::Fault;
use crate::visitor::{COOKIE, Visitor, cookie};

/// The field that every form of ours carries.
pub(crate) const TOKEN_FIELD: &str = "form_token";

/// Names and values, in the order sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads what a browser sends, in a query or a body.
    pub(crate) fn read(encoded: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(encoded);
        Self(pairs.into_owned().collect())
    }

    /// The value of a field; none when the form has no such field.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        pairs
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a field, if it is not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    /// All values of a field that may come several times.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let pairs = self.0.iter().filter(move |(known, _)| known == name);
        pairs.map(|(_, value)| value.as_str())
    }

    /// All names and values.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A form from somebody signed in. That it came from a page of ours is shown by the token in it,
/// which no other site can read, and by what the browser itself says of where it came from.
#[derive(Debug)]
pub(crate) struct Posted {
    /// Who sent it.
    pub(crate) visitor: Visitor,
    /// What is in it.
    pub(crate) form: Form,
}

/// What the media type of a form with files begins with.
const MULTIPART: &[u8] = b"multipart/form-data";

/// A form that may come with files, from somebody signed in; see [`Posted`].
#[derive(Debug)]
pub(crate) struct PostedFiles {
    /// Who sent it.
    pub(crate) visitor: Visitor,
    /// What is in it beside the files.
    pub(crate) form: Form,
    /// The files.
    pub(crate) files: Vec<Upload>,
}

/// A file in a form.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: Bytes,
}

impl FromRequest<Console> for PostedFiles {
    type Rejection = Fault;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Fault> {
        let media_type = request.headers().get(header::CONTENT_TYPE);
        if !media_type.is_some_and(|media_type| media_type.as_bytes().starts_with(MULTIPART)) {
            let Posted { visitor, form } = Posted::from_request(request, console).await?;
            let files = Vec::new();
            return Ok(Self {
                visitor,
                form,
                files,
            });
        }
        let (visitor, token, request) = from_here(request, console).await?;
        let body = Multipart::from_request(request, console).await;
        let mut body = body.map_err(|_| Fault::foreign_form())?;
        let (mut form, mut files) = (Form::default(), Vec::new());
        let mut is_ours = false;
        while let Some(part) = body.next_field().await.map_err(|error| unread(&error))? {
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            let (name, media_type) = (text(part.name()), text(part.content_type()));
            let file_name = part.file_name().map(str::to_owned);
            // The token comes before the files, so that nobody else's are read.
            if file_name.is_some() && !is_ours {
                return Err(Fault::foreign_form());
            }
            let bytes = part.bytes().await.map_err(|error| unread(&error))?;
            match file_name {
                None => {
                    let value = String::from_utf8_lossy(&bytes).into_owned();
                    if name == TOKEN_FIELD {
                        is_ours = console.org.is_form_token(&token, &value).await?;
                    }
                    form.0.push((name, value));
                }
                // Where no file was chosen, browsers send one without a name.
                Some(name) if name.is_empty() => {}
                Some(name) => files.push(Upload {
                    name,
                    media_type,
                    bytes,
                }),
            }
        }
        if !is_ours {
            return Err(Fault::foreign_form());
        }
        Ok(Self {
            visitor,
            form,
            files,
        })
    }
}

fn unread(error: &MultipartError) -> Fault {
    let text = match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            "The files have too many bytes for one message.".to_owned()
        }
        _ => error.body_text(),
    };
    Fault::new(error.status(), "Nothing was sent", text)
}

/// Who sends a form from a page of ours, with the token of their session.
async fn from_here(
    request: Request,
    console: &Console,
) -> Result<(Visitor, String, Request), Fault> {
    let (parts, body) = request.into_parts();
    if is_from_elsewhere(&parts.headers) {
        return Err(Fault::foreign_form());
    }
    let visitor = Visitor::of(console, &parts).await?;
    let token = cookie(&parts.headers, COOKIE).unwrap_or_default();
    let token = token.to_owned();
    Ok((visitor, token, Request::from_parts(parts, body)))
}

impl FromRequest<Console> for Posted {
    type Rejection = Fault;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Fault> {
        let (visitor, token, request) = from_here(request, console).await?;
        let body = Bytes::from_request(request, console).await;
        let form = Form::read(&body.map_err(|_| Fault::too_large(console))?);
        let given = form.get(TOKEN_FIELD).unwrap_or_default();
        if !console.org.is_form_token(&token, given).await? {
            return Err(Fault::foreign_form());
        }
        Ok(Self { visitor, form })
    }
}

/// Whether the browser says that another site made it send this. Old browsers say nothing.
pub(crate) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let (Some(origin), Some(host)) = (text("origin"), headers.get(header::HOST)) else {
        return false;
    };
    let origin = origin.split_once("://").map(|(_, host)| host);
    origin.map(str::as_bytes) != Some(host.as_bytes())
}
