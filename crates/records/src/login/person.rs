//! Who a user is, for those who log in as them.

use headwater_catalogue::Id;
use jiff::Timestamp;

use crate::error::Error;
use crate::org::Org;

/// What identity answers say about a user.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields of User, by their names")]
pub struct Person {
    pub username: String,
    pub name: String,
    pub first_name: Option<String>,
    pub last_name: String,
    pub nickname: Option<String>,
    pub email: String,
    pub mobile_phone: Option<String>,
    pub street: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub time_zone: String,
    pub locale: String,
    pub language: String,
    pub user_type: String,
    pub is_active: bool,
    pub profile: Option<Id>,
    pub role: Option<Id>,
    pub created: Timestamp,
    pub modified: Timestamp,
    /// Whether the user must choose a new password.
    pub must_change_password: bool,
    /// The name of the organization.
    pub organization_name: String,
    /// Whether the organization is one to try things in.
    pub organization_is_sandbox: bool,
}

impl Org {
    /// Who a user is. For the user themselves, or who manages users: callers see to that.
    ///
    /// # Errors
    /// No such user.
    pub async fn person(&self, user: Id) -> Result<Person, Error> {
        let row = self.find_one("User", "Id", user).await?;
        let row = row.ok_or_else(|| Error::NotFound(user.to_string()))?;
        let credential = self.find_one("UserCredential", "UserId", user).await?;
        let organization = self
            .find_one("Organization", "Id", self.organization())
            .await?;
        let text = |field| row.text(field).map(str::to_owned);
        Ok(Person {
            username: text("Username").unwrap_or_default(),
            name: text("Name").unwrap_or_default(),
            first_name: text("FirstName"),
            last_name: text("LastName").unwrap_or_default(),
            nickname: text("CommunityNickname"),
            email: text("Email").unwrap_or_default(),
            mobile_phone: text("MobilePhone"),
            street: text("Street"),
            city: text("City"),
            state: text("State"),
            postal_code: text("PostalCode"),
            country: text("Country"),
            time_zone: text("TimeZoneSidKey").unwrap_or_else(|| "GMT".to_owned()),
            locale: text("LocaleSidKey").unwrap_or_else(|| "en_US".to_owned()),
            language: text("LanguageLocaleKey").unwrap_or_else(|| "en_US".to_owned()),
            user_type: text("UserType").unwrap_or_else(|| "Standard".to_owned()),
            is_active: row.is_true("IsActive"),
            profile: row.reference("ProfileId"),
            role: row.reference("UserRoleId"),
            created: row.instant("CreatedDate").unwrap_or_default(),
            modified: row.instant("LastModifiedDate").unwrap_or_default(),
            must_change_password: credential.is_some_and(|c| c.is_true("MustChangePassword")),
            organization_name: organization
                .as_ref()
                .and_then(|row| row.text("Name"))
                .unwrap_or_default()
                .to_owned(),
            organization_is_sandbox: organization.is_some_and(|row| row.is_true("IsSandbox")),
        })
    }

    /// The active user with this name: for logins that need no password because something else
    /// proves them.
    ///
    /// # Errors
    /// The database's.
    pub async fn active_user(&self, username: &str) -> Result<Option<Id>, Error> {
        let row = self.find_one("User", "Username", username).await?;
        row.filter(|row| row.is_true("IsActive"))
            .map(|row| row.id())
            .transpose()
    }
}
