//! The body of an interaction: its JSON, and at most one file.

use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::http::StatusCode;
use headwater_messaging::{FILE_BYTES_MAX, NewFile, media_type_of};
use serde_json::Value;

use super::error::{Code, Refusal};

/// Bytes of the JSON.
const JSON_BYTES_MAX: usize = 100_000;

/// A file as it came.
pub(super) struct Upload {
    name: String,
    media_type: String,
    bytes: Vec<u8>,
}

/// Reads a body: the part `json`, and the parts `attachments`.
pub(super) async fn read(
    body: Result<Multipart, MultipartRejection>,
) -> Result<(Value, Vec<Upload>), Refusal> {
    let mut body =
        body.map_err(|rejection| Refusal::bad(Code::Parameters, rejection.body_text()))?;
    let (mut json, mut files) = (None, Vec::new());
    while let Some(part) = body.next_field().await.map_err(|error| unread(&error))? {
        match part.name() {
            Some("json") => json = Some(read_json(part).await?),
            // More than one is refused, and none of them need be in memory for that.
            Some("attachments") if files.len() > 1 => {}
            Some("attachments") => files.push(read_file(part).await?),
            _ => {}
        }
    }
    let json = json.ok_or_else(|| Refusal::bad(Code::Parameters, "The part json is missing"))?;
    Ok((json, files))
}

async fn read_json(part: Field<'_>) -> Result<Value, Refusal> {
    let bytes = read_bytes(part, JSON_BYTES_MAX).await?.ok_or_else(|| {
        let message = format!("The part json has at most {JSON_BYTES_MAX} bytes");
        Refusal::bad(Code::Parameters, message)
    })?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Refusal::bad(Code::Parameters, format!("The part json is none: {error}")))
}

async fn read_file(part: Field<'_>) -> Result<Upload, Refusal> {
    let name = part.file_name().unwrap_or_default().to_owned();
    let media_type = part.content_type().unwrap_or_default().to_owned();
    let bytes = read_bytes(part, FILE_BYTES_MAX).await?;
    Ok(Upload {
        bytes: bytes.ok_or_else(too_large)?,
        name,
        media_type,
    })
}

/// The bytes of a part; none when there are more than may be.
async fn read_bytes(mut part: Field<'_>, most: usize) -> Result<Option<Vec<u8>>, Refusal> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(|error| unread(&error))? {
        if bytes.len() + piece.len() > most {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(Some(bytes))
}

fn too_large() -> Refusal {
    let message = "The file size exceeds the maximum limit of 25 MB";
    Refusal::with(StatusCode::PAYLOAD_TOO_LARGE, Code::FileTooLarge, message)
}

fn unread(error: &MultipartError) -> Refusal {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => Refusal::bad(Code::Parameters, error.body_text()),
    }
}

impl Upload {
    /// As a file of a message, if it is as long as was said and is of a kind that is known.
    pub(super) fn taken(self, content_length: Option<u64>) -> Result<NewFile, Refusal> {
        if self.bytes.is_empty() {
            let message = "The file is empty or doesn’t exist";
            return Err(Refusal::bad(Code::FileEmpty, message));
        }
        let Some(length) = content_length else {
            let message = "The interaction contentLength field is empty";
            return Err(Refusal::bad(Code::ContentLength, message));
        };
        if length != self.bytes.len() as u64 {
            let message = format!(
                "The file size (in bytes) of uploaded attachment is incorrect: contentLength says \
                 {length}, there are {}",
                self.bytes.len()
            );
            return Err(Refusal::bad(Code::FileLength, message));
        }
        // Many clients say of every file that it is bytes; its name has the ending.
        let said = self.media_type.split(';').next().unwrap_or_default().trim();
        let media_type = match said {
            "" | "application/octet-stream" => media_type_of(&self.name),
            said => said,
        };
        Ok(NewFile::new(&self.name, media_type, self.bytes)?)
    }
}
