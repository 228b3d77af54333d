//! Connected applications: who may ask for tokens, how they prove themselves, what they may do.

use headwater_catalogue::{Id, SystemPermission, Value};
use headwater_store::{Operation, Store, WriteError};

use super::error::LoginError;
use super::rows::{Found, insertion};
use super::scopes::Scopes;
use super::secret::{Secret, ServerKey, random_text, same};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

/// The public client that Salesforce's own command line calls itself, and ours.
pub const PLATFORM_CLI: &str = "PlatformCLI";

/// A connected application as it stands now.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one column of ConnectedApplication"
)]
pub struct App {
    /// Its record.
    pub id: Id,
    /// What people call it.
    pub name: String,
    /// What it calls itself.
    pub client_id: String,
    /// Public key or certificate in PEM, for signed assertions.
    pub certificate: Option<String>,
    /// Where codes and tokens may be sent.
    pub callbacks: Vec<String>,
    /// Whom the client credentials flow acts as.
    pub run_as: Option<Id>,
    /// Whether it may send users' passwords.
    pub allows_password: bool,
    /// Whether it may log in as itself.
    pub allows_client_credentials: bool,
    /// Whether it may log users in by signed assertions.
    pub allows_assertion: bool,
    /// Whether it may send users to the login page.
    pub allows_code: bool,
    /// Whether users need not have let it in before it logs them in by itself.
    pub pre_approved: bool,
    pub(super) allows_refresh: bool,
    pub(super) rotates_refresh: bool,
    pub(super) requires_secret_for_refresh: bool,
    pub(super) access_seconds: Option<i64>,
    pub(super) refresh_seconds: Option<i64>,
    scopes: Scopes,
    requires_challenge: bool,
    secret_hash: Option<String>,
}

/// A new application.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one column of ConnectedApplication"
)]
pub struct NewApp {
    /// What people call it.
    pub name: String,
    /// What it calls itself; made up when absent.
    pub client_id: Option<String>,
    /// Whether it keeps a secret. One that cannot, such as a program on people's machines, is a
    /// public client and proves each login by a code challenge.
    pub with_secret: bool,
    /// The secret, when it is not to be made up: for set-ups that must be repeatable.
    pub secret: Option<Secret>,
    /// Public key or certificate in PEM, for signed assertions.
    pub certificate: Option<String>,
    /// Where codes and tokens may be sent.
    pub callbacks: Vec<String>,
    /// What it may ask for; empty for everything.
    pub scopes: Scopes,
    /// Whom the client credentials flow acts as; that flow is allowed when there is one.
    pub run_as: Option<Id>,
    /// Whether it may send users' passwords.
    pub allows_password: bool,
    /// Whether users must let it in once before it logs them in by assertion.
    pub needs_approval: bool,
    /// Whether each use of a refresh token gives out a new one.
    pub rotates_refresh: bool,
}

/// A new application's credentials. The secret is shown this once and never again.
#[derive(Debug, Clone)]
pub struct AddedApp {
    /// Its record.
    pub id: Id,
    /// What it calls itself.
    pub client_id: String,
    /// What proves it.
    pub secret: Option<Secret>,
}

impl App {
    fn read(row: &Found) -> Result<Self, Error> {
        let text = |field| row.text(field).map(str::to_owned);
        let seconds = |field, each: i64| {
            row.value(field)
                .as_integer()
                .filter(|n| *n > 0)
                .map(|n| n.saturating_mul(each))
        };
        Ok(Self {
            id: row.id()?,
            name: text("Name").unwrap_or_default(),
            client_id: text("ClientId").unwrap_or_default(),
            certificate: text("Certificate"),
            callbacks: lines(row.text("CallbackUrls").unwrap_or_default()),
            run_as: row.reference("RunAsUserId"),
            allows_password: row.is_true("OptionsAllowPasswordFlow"),
            allows_client_credentials: row.is_true("OptionsAllowClientCredentialsFlow"),
            allows_assertion: row.is_true("OptionsAllowJwtBearerFlow"),
            allows_code: row.is_true("OptionsAllowAuthorizationCodeFlow"),
            pre_approved: row.is_true("OptionsPreApproved"),
            allows_refresh: row.is_true("OptionsAllowRefreshToken"),
            rotates_refresh: row.is_true("OptionsRotateRefreshToken"),
            requires_secret_for_refresh: row.is_true("OptionsRequireSecretForRefresh"),
            access_seconds: seconds("AccessTokenSeconds", 1),
            refresh_seconds: seconds("RefreshTokenDays", 86_400),
            scopes: Scopes::parse(row.text("Scopes").unwrap_or_default()),
            requires_challenge: row.is_true("OptionsRequirePkce"),
            secret_hash: text("SecretHash"),
        })
    }

    /// Whether it has no secret, so that anybody can say they are it.
    pub fn is_public(&self) -> bool {
        self.secret_hash.is_none()
    }

    /// Whether its codes must come with a challenge: otherwise whoever catches the code of a
    /// public client could redeem it.
    pub fn needs_challenge(&self) -> bool {
        self.requires_challenge || self.is_public()
    }

    /// Whether this address may get codes and tokens: one of the callback addresses. A loopback
    /// one may differ in the port, which native programs choose when they start (RFC 8252).
    ///
    /// Records of apps are edited on every door, so an address that no app should have registered
    /// is refused here again.
    pub fn lets_redirect_to(&self, address: &str) -> bool {
        is_callback(address)
            && self.callbacks.iter().any(|known| {
                known == address
                    || matches!(
                        (without_loopback_port(known), without_loopback_port(address)),
                        (Some(known), Some(given)) if known == given
                    )
            })
    }

    /// What a login through it may have, of what was asked; what is usual when nothing was.
    /// None when nothing of what was asked may be had.
    pub fn grants(&self, asked: &str) -> Option<Scopes> {
        let scopes = if !asked.trim().is_empty() {
            Scopes::parse(asked).within(&self.scopes)
        } else if self.scopes.is_empty() {
            Scopes::usual()
        } else {
            self.scopes.clone()
        };
        Some(scopes).filter(|scopes| !scopes.is_empty())
    }

    pub(super) fn fits_secret(&self, key: &ServerKey, given: &str) -> bool {
        let found = key.fingerprint(given).to_hex();
        self.secret_hash
            .as_deref()
            .is_some_and(|known| same(known, &found))
    }
}

impl Org {
    /// The active application with this client id.
    ///
    /// # Errors
    /// [`LoginError::UnknownApp`].
    pub async fn app(&self, client_id: &str) -> Result<App, LoginError> {
        let row = self
            .find_one("ConnectedApplication", "ClientId", client_id)
            .await?;
        match row {
            Some(row) if row.is_true("IsActive") => Ok(App::read(&row)?),
            Some(_) | None => Err(LoginError::UnknownApp),
        }
    }

    /// Whether an application may still act.
    pub(super) async fn app_is_active(&self, app: Id) -> Result<bool, Error> {
        let row = self.find_one("ConnectedApplication", "Id", app).await?;
        Ok(row.is_some_and(|row| row.is_true("IsActive")))
    }

    /// Checks that a client is who it says: a public one has nothing to prove, and clients that
    /// send a secret all the same are let be.
    ///
    /// # Errors
    /// [`LoginError::WrongAppSecret`].
    pub async fn check_app(&self, app: &App, secret: Option<&str>) -> Result<(), LoginError> {
        if app.is_public() {
            return Ok(());
        }
        let key = self.server_key().await?;
        match secret {
            Some(secret) if app.fits_secret(&key, secret) => Ok(()),
            Some(_) | None => Err(LoginError::WrongAppSecret),
        }
    }

    /// Adds an application. Takes the right to customize.
    ///
    /// # Errors
    /// [`LoginError::BadApp`] with what is wrong, a duplicate name, a missing right.
    pub async fn add_app(&self, caller: &Caller, new: NewApp) -> Result<AddedApp, LoginError> {
        if !caller.rights.has(SystemPermission::CustomizeApplication) {
            let missing = SystemPermission::CustomizeApplication.field();
            return Err(Error::NotPermitted(missing).into());
        }
        check_new(&new)?;
        let client_id = match &new.client_id {
            Some(given) => given.clone(),
            None => format!("3MVG9{}", random_text(self.randomness(), 80)),
        };
        let secret = match &new.secret {
            Some(given) => Some(given.clone()),
            None if new.with_secret => Some(Secret::random(self.randomness(), 64)),
            None => None,
        };
        let key = self.server_key().await?;
        let hash = secret
            .as_ref()
            .map(|s| key.fingerprint(s.expose()).to_hex());
        let (id, operation) =
            self.insertion("ConnectedApplication", &row(&new, &client_id, hash))?;
        match self.write_as(caller.user, vec![operation]).await {
            Err(WriteError::Duplicate { .. }) => {
                let text = "there is an app of this name or client id already";
                return Err(LoginError::BadApp(text.to_owned()));
            }
            written => written?,
        }
        Ok(AddedApp {
            id,
            client_id,
            secret,
        })
    }
}

/// The insertion of [`PLATFORM_CLI`], for the write that fills a new database.
pub(crate) fn platform_cli(store: &Store) -> Result<Operation, Error> {
    let app = NewApp {
        name: "Platform CLI".to_owned(),
        callbacks: vec![
            "http://localhost:1717/OauthRedirect".to_owned(),
            "http://127.0.0.1:1717/OauthRedirect".to_owned(),
            "http://[::1]:1717/OauthRedirect".to_owned(),
        ],
        allows_password: true,
        ..NewApp::default()
    };
    let row = row(&app, PLATFORM_CLI, None);
    Ok(insertion(store, "ConnectedApplication", &row)?.1)
}

fn row(new: &NewApp, client_id: &str, secret_hash: Option<String>) -> Vec<(&'static str, Value)> {
    let scopes: Vec<_> = new.scopes.iter().collect();
    let list = |items: &[&str], separator| Some(items.join(separator)).filter(|t| !t.is_empty());
    let callbacks: Vec<_> = new.callbacks.iter().map(String::as_str).collect();
    vec![
        ("Name", new.name.trim().into()),
        ("ClientId", client_id.into()),
        ("SecretHash", secret_hash.into()),
        ("Certificate", new.certificate.clone().into()),
        ("CallbackUrls", list(&callbacks, "\n").into()),
        ("Scopes", list(&scopes, ";").into()),
        ("RunAsUserId", new.run_as.into()),
        ("IsActive", true.into()),
        ("OptionsAllowPasswordFlow", new.allows_password.into()),
        (
            "OptionsAllowClientCredentialsFlow",
            new.run_as.is_some().into(),
        ),
        (
            "OptionsAllowJwtBearerFlow",
            new.certificate.is_some().into(),
        ),
        ("OptionsAllowAuthorizationCodeFlow", true.into()),
        ("OptionsAllowRefreshToken", true.into()),
        ("OptionsRequirePkce", secret_hash_is_none(new).into()),
        (
            "OptionsRequireSecretForRefresh",
            (!secret_hash_is_none(new)).into(),
        ),
        ("OptionsRotateRefreshToken", new.rotates_refresh.into()),
        ("OptionsPreApproved", (!new.needs_approval).into()),
    ]
}

fn secret_hash_is_none(new: &NewApp) -> bool {
    !new.with_secret && new.secret.is_none()
}

fn check_new(new: &NewApp) -> Result<(), LoginError> {
    let bad = |text: String| Err(LoginError::BadApp(text));
    if new.name.trim().is_empty() || new.name.chars().count() > 80 {
        return bad("the name of an app has 1 to 80 characters".to_owned());
    }
    if let Some(id) = &new.client_id
        && !(1..=256).contains(&id.len())
    {
        return bad("a client id has 1 to 256 characters".to_owned());
    }
    if let Some(secret) = &new.secret
        && secret.expose().chars().count() < 16
    {
        return bad("a client secret has at least 16 characters".to_owned());
    }
    if new.run_as.is_some() && secret_hash_is_none(new) {
        return bad("an app that logs in as itself needs a secret".to_owned());
    }
    if let Some(pem) = &new.certificate {
        let is_public = pem.contains("BEGIN CERTIFICATE") || pem.contains("PUBLIC KEY");
        if !is_public || pem.contains("PRIVATE KEY") {
            return bad("the certificate is a PEM certificate or public key; the private key stays with the app".to_owned());
        }
    }
    match new.callbacks.iter().find(|address| !is_callback(address)) {
        Some(address) => bad(format!(
            "'{address}' cannot be a callback: use https, http on localhost, or a scheme of your own"
        )),
        None => Ok(()),
    }
}

/// Whether codes may be sent there at all. Plain HTTP only stays on the machine; schemes that a
/// browser runs as script would hand the code to whoever wrote the address.
fn is_callback(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once(':') else {
        return false;
    };
    let plain = !address.contains(['#', '\\', '"', '<', '>'])
        && address.bytes().all(|byte| byte.is_ascii_graphic());
    let scheme = scheme.to_ascii_lowercase();
    plain
        && !rest.is_empty()
        && match scheme.as_str() {
            "https" => rest.starts_with("//"),
            "http" => without_loopback_port(address).is_some(),
            "javascript" | "data" | "vbscript" | "file" | "blob" | "about" => false,
            _ => scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)),
        }
}

/// A plain address on this machine, in its host and what follows the port.
fn without_loopback_port(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("http://")?;
    let host = ["localhost", "127.0.0.1", "[::1]"]
        .into_iter()
        .find(|host| rest.starts_with(host))?;
    let after = &rest[host.len()..];
    let path = match after.strip_prefix(':') {
        Some(port) => port.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => after,
    };
    (path.is_empty() || path.starts_with('/')).then_some((host, path))
}

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_to_https_to_this_machine_or_to_a_program() {
        for address in [
            "https://app.example/callback",
            "http://localhost:1717/OauthRedirect",
            "http://[::1]/x",
            "myapp:/callback",
            "com.example.app://callback",
        ] {
            assert!(is_callback(address), "{address}");
        }
        for address in [
            "http://app.example/callback",
            "http://localhost.evil.example/",
            "http://localhost:80@evil.example/",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "https://app.example/#fragment",
            "https:",
            "callback",
            "https://app.example/a b",
        ] {
            assert!(!is_callback(address), "{address}");
        }
    }

    #[test]
    fn a_loopback_address_is_known_whatever_its_port() {
        let known = without_loopback_port("http://localhost:1717/OauthRedirect");
        assert_eq!(
            known,
            without_loopback_port("http://localhost:54321/OauthRedirect")
        );
        assert_ne!(known, without_loopback_port("http://localhost:1717/Other"));
        assert_ne!(
            known,
            without_loopback_port("http://127.0.0.1:1717/OauthRedirect")
        );
    }

    #[test]
    fn a_private_key_is_not_taken_for_a_certificate() {
        let new = NewApp {
            name: "x".to_owned(),
            certificate: Some("-----BEGIN PRIVATE KEY-----".to_owned()),
            ..NewApp::default()
        };
        assert!(matches!(check_new(&new), Err(LoginError::BadApp(_))));
    }
}
