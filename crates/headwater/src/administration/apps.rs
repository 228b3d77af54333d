//! Connected apps.

use headwater_catalogue::Value;
use headwater_records::{Org, login};
use serde::{Deserialize, Serialize};

use super::people::text;
use super::refusal::refused_login;
use super::rows::{id_of, rows};
use crate::failure::Outcome;

/// A connected app to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewApp {
    /// What people call it.
    pub name: String,
    /// Where codes may be sent.
    pub callbacks: Vec<String>,
    /// PEM, for signed assertions.
    pub certificate: Option<String>,
    /// Whether it cannot keep a secret.
    pub public: bool,
    /// Whom the client credentials flow acts as.
    pub run_as: Option<String>,
}

/// A connected app that was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddedApp {
    /// The record.
    pub id: String,
    /// What it calls itself.
    pub client_id: String,
    /// What proves it; shown this once.
    pub client_secret: Option<String>,
}

/// A connected app in the list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppLine {
    /// The record.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it calls itself.
    pub client_id: String,
    /// Whether it may log anybody in.
    pub active: bool,
}

pub(super) async fn add(org: &Org, app: NewApp) -> Outcome<AddedApp> {
    let run_as = match &app.run_as {
        Some(username) => Some(id_of(org, "User", "Username", username).await?),
        None => None,
    };
    let new = login::NewApp {
        name: app.name,
        with_secret: !app.public,
        allows_password: !app.public && app.certificate.is_none(),
        certificate: app.certificate,
        callbacks: app.callbacks,
        run_as,
        ..login::NewApp::default()
    };
    let added = org
        .add_app(&org.system(), new)
        .await
        .map_err(|error| refused_login(&error))?;
    Ok(AddedApp {
        id: added.id.to_string(),
        client_id: added.client_id,
        client_secret: added.secret.map(|secret| secret.expose().to_owned()),
    })
}

pub(super) async fn list(org: &Org) -> Outcome<Vec<AppLine>> {
    let soql = "SELECT Id, Name, ClientId, IsActive FROM ConnectedApplication ORDER BY Name";
    let lines = rows(org, soql).await?.into_iter().map(|row| AppLine {
        id: text(&row, 0),
        name: text(&row, 1),
        client_id: text(&row, 2),
        active: row.get(3).is_some_and(Value::is_true),
    });
    Ok(lines.collect())
}
