//! Users, their passwords, and tokens for scripts.

use headwater_catalogue::{Id, Value};
use headwater_records::login::{Grant, Scopes};
use headwater_records::{Draft, Org, Randomness};
use serde::{Deserialize, Serialize};

use super::IssuedToken;
use super::refusal::{refused, refused_login};
use super::rows::{id_of, rows};
use crate::failure::{Failure, Outcome};

/// A user to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewUser {
    /// In the form of a mail address.
    pub username: String,
    /// For people; the username's first part when absent.
    pub name: Option<String>,
    /// When the username is not it.
    pub email: Option<String>,
    /// By name.
    pub profile: String,
    /// By name or label.
    pub permission_sets: Vec<String>,
    /// None: make one up.
    pub password: Option<String>,
}

/// A user that was made, or whose password was set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UserMade {
    /// The record.
    pub id: String,
    /// The username.
    pub username: String,
    /// The password, if it was made up here: it is shown this once.
    pub password: Option<String>,
}

/// A user in the list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UserLine {
    /// The record.
    pub id: String,
    /// The username.
    pub username: String,
    /// For people.
    pub name: String,
    /// The profile's name.
    pub profile: String,
    /// Whether they may log in.
    pub active: bool,
}

/// Makes a user with a password.
///
/// # Errors
/// When the username is taken, or there is no such profile or permission set.
pub async fn add_user(org: &Org, user: NewUser) -> Outcome<UserMade> {
    let system = org.system();
    let profile = id_of(org, "Profile", "Name", &user.profile).await?;
    let mut permission_sets = Vec::new();
    for name in &user.permission_sets {
        permission_sets.push(permission_set(org, name).await?);
    }
    let draft = draft(&user, profile);
    let id = org
        .create(&system, "User", draft)
        .await
        .map_err(|error| refused(&error))?;
    for permission_set in permission_sets {
        let draft = Draft::new()
            .with("AssigneeId", id)
            .with("PermissionSetId", permission_set);
        org.create(&system, "PermissionSetAssignment", draft)
            .await
            .map_err(|error| refused(&error))?;
    }
    give_password(org, id, user.username, user.password).await
}

fn draft(user: &NewUser, profile: Id) -> Draft {
    let local = user.username.split('@').next().unwrap_or_default();
    let name = user.name.as_deref().unwrap_or(local);
    let (first, last) = match name.rsplit_once(' ') {
        Some((first, last)) => (Some(first.to_owned()), last),
        None => (None, name),
    };
    let alias: String = local.chars().take(8).collect();
    let email = user.email.as_deref().unwrap_or(&user.username);
    Draft::new()
        .with("Username", user.username.as_str())
        .with("Email", email)
        .with("FirstName", first)
        .with("LastName", last)
        .with("Alias", alias)
        .with("ProfileId", profile)
        .with("TimeZoneSidKey", "GMT")
        .with("LocaleSidKey", "en_US")
        .with("LanguageLocaleKey", "en_US")
        .with("EmailEncodingKey", "UTF-8")
}

/// People call a permission set by its label, files by its name.
async fn permission_set(org: &Org, name: &str) -> Outcome<Id> {
    match id_of(org, "PermissionSet", "Label", name).await {
        Ok(id) => Ok(id),
        Err(_) => id_of(org, "PermissionSet", "Name", name).await,
    }
}

/// Sets a user's password.
///
/// # Errors
/// When there is no such user, or the password is too short.
pub async fn set_password(
    org: &Org,
    username: String,
    password: Option<String>,
) -> Outcome<UserMade> {
    let id = id_of(org, "User", "Username", &username).await?;
    give_password(org, id, username, password).await
}

async fn give_password(
    org: &Org,
    id: Id,
    username: String,
    given: Option<String>,
) -> Outcome<UserMade> {
    let made_up = match &given {
        Some(_) => None,
        None => Some(made_up_password(org.randomness())),
    };
    let password = given.as_ref().or(made_up.as_ref());
    let password = password.map_or("", String::as_str);
    org.set_password(&org.system(), id, password)
        .await
        .map_err(|error| refused_login(&error))?;
    Ok(UserMade {
        id: id.to_string(),
        username,
        password: made_up,
    })
}

/// A password of 20 characters that are hard to take for each other: 100 bits.
pub fn made_up_password(randomness: &dyn Randomness) -> String {
    const CHARACTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    randomness.fill(&mut bytes);
    let mut password = String::new();
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 && place % 5 == 0 {
            password.push('-');
        }
        password.push(char::from(CHARACTERS[usize::from(byte % 32)]));
    }
    password
}

/// Whether nobody can log in yet: the database is new.
///
/// # Errors
/// When the database does not answer.
pub async fn is_unpeopled(org: &Org) -> Outcome<bool> {
    let soql = "SELECT Id FROM User WHERE UserType = 'Standard' LIMIT 1";
    Ok(rows(org, soql).await?.is_empty())
}

/// All users.
pub(super) async fn list(org: &Org) -> Outcome<Vec<UserLine>> {
    let soql = "SELECT Id, Username, Name, Profile.Name, IsActive FROM User ORDER BY Username";
    let lines = rows(org, soql).await?.into_iter().map(|row| UserLine {
        id: text(&row, 0),
        username: text(&row, 1),
        name: text(&row, 2),
        profile: text(&row, 3),
        active: row.get(4).is_some_and(Value::is_true),
    });
    Ok(lines.collect())
}

/// An access token without a password: whoever can open the data directory needs none.
pub(super) async fn token(org: &Org, username: &str) -> Outcome<IssuedToken> {
    let user = org
        .active_user(username)
        .await
        .map_err(|error| refused(&error))?
        .ok_or_else(|| Failure::refused(format!("there is no active user '{username}'")))?;
    let grant = Grant {
        user,
        app: None,
        scopes: Scopes::parse("full"),
    };
    let issued = org
        .issue_token(&grant)
        .await
        .map_err(|error| refused_login(&error))?;
    Ok(IssuedToken {
        access_token: issued.access_token.expose().to_owned(),
        expires_at: issued.expires_at.to_string(),
    })
}

/// A value of a row for people.
pub(super) fn text(row: &[Value], place: usize) -> String {
    match row.get(place) {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Id(id)) => id.to_string(),
        _ => String::new(),
    }
}
