//! Which service calls, and for which channels.
//!
//! Its token has the scope `interaction_api`, and its user may change every messaging session: a service
//! speaks for whatever customer it names. Which channels it speaks on is what `AuthorizationContext` names:
//! those whose account has that conversation channel definition.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use headwater_catalogue::{Id, SystemPermission};
use headwater_messaging::Account;
use headwater_records::Caller;

use super::error::{Code, Refusal};
use crate::door::Channels;
use crate::webchat::short;

const SCOPE: &str = "interaction_api";

/// What services name their channels by, alone or among others.
const CONTEXT_TYPE: &str = "ConversationChannelDefinition";

/// A service of a partner's that may call.
pub(super) struct Partner {
    pub(super) caller: Caller,
    /// The accounts of the channels that it speaks on; never none.
    accounts: Vec<Account>,
}

impl FromRequestParts<Channels> for Partner {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, channels: &Channels) -> Result<Self, Refusal> {
        let headers = &parts.headers;
        let caller = caller(headers, channels).await?;
        channels.rates.of_partner(channels, caller.user)?;
        let org = channels.messaging.org().organization();
        if short(named(headers, "OrgId")?) != short(org.as_str()) {
            let message = "Enter a valid header: OrgId is not the org of the access token";
            return Err(Refusal::bad(Code::Header, message));
        }
        // Clients send the same at each request, so it says nothing; yet there is one.
        named(headers, "RequestId")?;
        let context_type = headers.get("AuthorizationContextType");
        // Salesforce's own example writes it in capitals.
        let is_other = |given: &HeaderValue| {
            let given = given.as_bytes();
            !given.eq_ignore_ascii_case(CONTEXT_TYPE.as_bytes())
        };
        if context_type.is_some_and(is_other) {
            let message = format!("AuthorizationContextType must be {CONTEXT_TYPE}");
            return Err(Refusal::bad(Code::ContextType, message));
        }
        let context = named(headers, "AuthorizationContext")?;
        let accounts = channels.messaging.accounts_keyed("Partner", context);
        let accounts = accounts.await?;
        if accounts.is_empty() {
            let message = format!("No channel has the conversation channel definition '{context}'");
            return Err(Refusal::with(
                StatusCode::FORBIDDEN,
                Code::ContextNotOfToken,
                message,
            ));
        }
        Ok(Self { caller, accounts })
    }
}

/// Who calls, if they may.
async fn caller(headers: &HeaderMap, channels: &Channels) -> Result<Caller, Refusal> {
    let token = headers.get(header::AUTHORIZATION);
    let token = token
        .and_then(|given| given.to_str().ok())
        .and_then(|given| given.strip_prefix("Bearer "))
        .ok_or_else(|| {
            let message = "The Authorization header holds no access token";
            Refusal::with(StatusCode::UNAUTHORIZED, Code::Token, message)
        })?;
    let org = channels.messaging.org();
    let session = org.session_of_token(token).await?;
    if !session.scopes.has(SCOPE) {
        let message = format!(
            "The supplied Authorization access token is missing the required Connected App scope. \
             Required value: {SCOPE}"
        );
        return Err(Refusal::with(
            StatusCode::FORBIDDEN,
            Code::ScopeMissing,
            message,
        ));
    }
    let caller = org.caller_of_session(&session).await?;
    let rights = &caller.rights;
    let sessions = rights.catalogue.object("MessagingSession");
    let may_change_all = rights.has(SystemPermission::ModifyAllData)
        || sessions.is_some_and(|object| rights.on(object).modify_all);
    if !rights.has(SystemPermission::ApiEnabled) || !may_change_all {
        let message = "The token's user needs API Enabled, and Modify All on Messaging Sessions: \
                       a permission set grants both";
        return Err(Refusal::with(
            StatusCode::FORBIDDEN,
            Code::ContextNotOfToken,
            message,
        ));
    }
    Ok(caller)
}

/// A header that there has to be.
fn named<'h>(headers: &'h HeaderMap, name: &str) -> Result<&'h str, Refusal> {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    let value = value.map(str::trim).filter(|value| !value.is_empty());
    value.ok_or_else(|| Refusal::bad(Code::Header, format!("Enter a valid header: {name}")))
}

impl Partner {
    /// The active channel of an address, if the service speaks on it. `missing` says that it is no address.
    pub(super) async fn channel(
        &self,
        channels: &Channels,
        address: &str,
        missing: Code,
    ) -> Result<Id, Refusal> {
        let known = channels.messaging.channels_addressed(address).await?;
        if known.is_empty() {
            let message =
                format!("The channelAddressIdentifier provided does not exist: '{address}'");
            return Err(Refusal::bad(missing, message));
        }
        let mut own = known.iter().filter(|one| self.speaks_on(one.channel));
        if let Some(active) = own.clone().find(|one| one.is_active) {
            return Ok(active.channel);
        }
        if own.next().is_some() {
            let message = "The channelAddressIdentifier provided is not active";
            return Err(Refusal::bad(Code::NotActive, message));
        }
        let message = format!(
            "The AuthorizationContext in the request isn't valid for the address '{address}'"
        );
        Err(Refusal::bad(Code::ContextNotOfAddress, message))
    }

    /// The conversation channel definition that it named.
    pub(super) fn definition(&self) -> &str {
        self.accounts.first().map_or("", |account| &account.key)
    }

    /// The accounts of its channels.
    pub(super) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Whether a channel is one of the service's.
    pub(super) fn speaks_on(&self, channel: Id) -> bool {
        self.accounts
            .iter()
            .any(|account| account.channel == channel)
    }
}
