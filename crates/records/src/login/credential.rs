//! Checking and setting a user's password.

use headwater_catalogue::{Id, SystemPermission, Value};
use headwater_store::WriteError;

use super::error::LoginError;
use super::rows::Found;
use super::secret::same;
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

/// How long a security token is: what clients put behind the password is split off by this.
const SECURITY_TOKEN_CHARACTERS: usize = 24;

/// How often a lost race for the failure count is run again. Each loser has lost to a failure that
/// did count, so the count moves in any case.
const COUNTING_ATTEMPTS_MAX: usize = 8;

impl Org {
    /// The user with this name and password. The password may be followed by the user's security
    /// token, if they have one.
    ///
    /// # Errors
    /// [`LoginError::Refused`], the same and as slow whether the user is unknown, the password is
    /// wrong or the user is locked out; [`LoginError::InactiveUser`] only to who knows the
    /// password.
    pub async fn authenticate(&self, username: &str, password: &str) -> Result<Id, LoginError> {
        // Too long to be anybody's. An empty one fits nobody and costs the same work.
        let bytes_max = self.login().settings.password_bytes_max;
        let password = if password.len() > bytes_max {
            ""
        } else {
            password
        };
        let turn = self.login().passwords.turn().await?;
        let user = self.find_one("User", "Username", username).await?;
        let credential = match &user {
            Some(user) => {
                self.find_one("UserCredential", "UserId", user.id()?)
                    .await?
            }
            None => None,
        };
        let password = match &credential {
            Some(credential) => self.without_security_token(credential, password).await?,
            None => password,
        };
        let hash = credential.as_ref().and_then(|c| c.text("PasswordHash"));
        let fits = turn.verify(password, hash).await?;
        let (Some(user), Some(credential)) = (user, credential) else {
            return Err(LoginError::Refused);
        };
        if credential.instant("LockedUntil") > Some(self.now()) {
            return Err(LoginError::Refused);
        }
        if !fits {
            self.count_failure(user.id()?, credential).await?;
            return Err(LoginError::Refused);
        }
        if !user.is_true("IsActive") {
            return Err(LoginError::InactiveUser);
        }
        self.forget_failures(&credential).await?;
        Ok(user.id()?)
    }

    /// The password without the security token behind it, if it is the user's.
    async fn without_security_token<'p>(
        &self,
        credential: &Found,
        given: &'p str,
    ) -> Result<&'p str, LoginError> {
        let (Some(known), Some(end)) = (
            credential.text("SecurityTokenHash"),
            given.len().checked_sub(SECURITY_TOKEN_CHARACTERS),
        ) else {
            return Ok(given);
        };
        let Some((password, token)) = given.split_at_checked(end) else {
            return Ok(given);
        };
        let found = self.server_key().await?.fingerprint(token).to_hex();
        Ok(if same(&found, known) { password } else { given })
    }

    async fn count_failure(&self, user: Id, seen: Found) -> Result<(), LoginError> {
        let settings = &self.login().settings;
        let mut seen = seen;
        for _ in 0..COUNTING_ATTEMPTS_MAX {
            let before = seen.integer("FailedLogins");
            let mut values = vec![("FailedLogins", Value::Integer(before + 1))];
            if before + 1 >= settings.failed_logins_max {
                let until = self.now() + jiff::SignedDuration::from_secs(settings.lock_out_seconds);
                values = vec![
                    ("FailedLogins", Value::Integer(0)),
                    ("LockedUntil", until.into()),
                ];
                tracing::warn!(user = %user, %until, "locked out after too many wrong passwords");
            }
            let expect = [("FailedLogins", Value::Integer(before))];
            let change = self.change("UserCredential", seen.id()?, &values, &expect)?;
            match self.write_as_system(vec![change]).await {
                Ok(()) => return Ok(()),
                Err(WriteError::Unexpected { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            match self.find_one("UserCredential", "UserId", user).await? {
                Some(again) => seen = again,
                None => return Ok(()),
            }
        }
        Err(LoginError::Busy)
    }

    async fn forget_failures(&self, credential: &Found) -> Result<(), LoginError> {
        if credential.integer("FailedLogins") == 0 && credential.value("LockedUntil").is_null() {
            return Ok(());
        }
        let values = [
            ("FailedLogins", Value::Integer(0)),
            ("LockedUntil", Value::Null),
        ];
        let change = self.change("UserCredential", credential.id()?, &values, &[])?;
        self.write_as_system(vec![change]).await?;
        Ok(())
    }

    /// Sets a user's password, unlocks them and ends all their sessions: whoever changes a
    /// password may do so because another knows it. Takes the right to manage users, or being the
    /// user.
    ///
    /// # Errors
    /// [`LoginError::PasswordTooShort`], [`LoginError::PasswordTooLong`], an unknown user, a
    /// missing right.
    pub async fn set_password(
        &self,
        caller: &Caller,
        user: Id,
        password: &str,
    ) -> Result<(), LoginError> {
        may_change(caller, user)?;
        let settings = &self.login().settings;
        let min = settings.password_characters_min;
        if password.chars().count() < min {
            return Err(LoginError::PasswordTooShort { min });
        }
        let max = settings.password_bytes_max;
        if password.len() > max {
            return Err(LoginError::PasswordTooLong { max });
        }
        let turn = self.login().passwords.turn().await?;
        let hash = turn.hash(password, self.randomness()).await?;
        let values = [
            ("PasswordHash", Value::Text(hash)),
            ("FailedLogins", Value::Integer(0)),
            ("LockedUntil", Value::Null),
            ("PasswordChangedDate", self.now().into()),
            ("MustChangePassword", Value::Boolean(false)),
        ];
        let audit = ("changedPassword", "Set the password of");
        self.put_credential(caller, user, &values, audit).await?;
        self.revoke_all_of(user).await
    }

    /// Gives a user a new security token, which may stand behind their password from now on.
    ///
    /// # Errors
    /// An unknown user, a missing right.
    pub async fn reset_security_token(
        &self,
        caller: &Caller,
        user: Id,
    ) -> Result<super::Secret, LoginError> {
        may_change(caller, user)?;
        let token = super::Secret::random(self.randomness(), SECURITY_TOKEN_CHARACTERS);
        let kept = self
            .server_key()
            .await?
            .fingerprint(token.expose())
            .to_hex();
        let values = [("SecurityTokenHash", Value::Text(kept))];
        let audit = ("resetSecurityToken", "Reset the security token of");
        self.put_credential(caller, user, &values, audit).await?;
        Ok(token)
    }

    async fn put_credential(
        &self,
        caller: &Caller,
        user: Id,
        values: &[(&str, Value)],
        (action, done): (&str, &str),
    ) -> Result<(), LoginError> {
        let person = self.find_one("User", "Id", user).await?;
        let person = person.ok_or_else(|| Error::NotFound(user.to_string()))?;
        let username = person.text("Username").unwrap_or_default();
        let audit = self.audit_of_user(action, &format!("{done} {username}"))?;
        let known = self.find_one("UserCredential", "UserId", user).await?;
        let operation = if let Some(known) = known {
            self.change("UserCredential", known.id()?, values, &[])?
        } else {
            let mut all = vec![
                ("UserId", Value::Id(user)),
                ("FailedLogins", Value::Integer(0)),
            ];
            all.retain(|(name, _)| !values.iter().any(|(given, _)| given == name));
            all.extend_from_slice(values);
            self.insertion("UserCredential", &all)?.1
        };
        self.write_as(caller.user, vec![operation, audit]).await?;
        Ok(())
    }
}

fn may_change(caller: &Caller, user: Id) -> Result<(), Error> {
    if caller.user == user || caller.rights.has(SystemPermission::ManageUsers) {
        return Ok(());
    }
    Err(Error::NotPermitted(SystemPermission::ManageUsers.field()))
}
