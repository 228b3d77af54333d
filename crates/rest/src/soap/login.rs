//! Logging in and out, and who is logged in.

use std::sync::Arc;

use headwater_catalogue::Id;
use headwater_records::login::{Grant, Issued, Person, Scopes, Secret, Session};
use jiff::Timestamp;

use super::answer::{element, flag, wrapped};
use super::envelope::Envelope;
use super::fault::Fault;
use crate::call::{Call, Version};

pub(super) async fn log_in(
    call: &Call,
    version: Version,
    envelope: &Envelope,
) -> Result<String, Fault> {
    let org = &call.state.org;
    let username = envelope.argument("username").unwrap_or_default();
    let password = Secret::new(envelope.argument("password").unwrap_or_default());
    if let Some(asked) = envelope
        .header("organizationId")
        .filter(|id| !id.is_empty())
        && asked.parse() != Ok(org.organization())
    {
        return Err(Fault::invalid_login());
    }
    let user = org
        .authenticate_from(call.address, username, &password)
        .await?;
    let grant = Grant {
        user,
        app: None,
        scopes: Scopes::parse("full"),
    };
    let issued = org.issue_token(&grant).await?;
    // Asked through the token, so that the answer is what its first use would be.
    org.caller_of_token(issued.access_token.expose()).await?;
    let person = org.person(user).await?;
    let result = login_result(call, version, &issued, &person);
    Ok(wrapped("loginResponse", &result))
}

pub(super) async fn log_out(call: &Call, envelope: &Envelope) -> Result<String, Fault> {
    session(call, envelope).await?;
    let token = envelope.header("sessionId").unwrap_or_default();
    call.state.org.revoke(token).await?;
    Ok(wrapped("logoutResponse", ""))
}

/// Whom the session of the envelope belongs to, whatever it may be used for.
pub(super) async fn session(call: &Call, envelope: &Envelope) -> Result<Arc<Session>, Fault> {
    let token = envelope.header("sessionId").unwrap_or_default();
    let session = call.state.org.session_of_token(token).await?;
    call.state.org.caller_of_session(&session).await?;
    Ok(session)
}

/// What a login gives.
pub(super) fn login_result(
    call: &Call,
    version: Version,
    issued: &Issued,
    person: &Person,
) -> String {
    let organization = call.state.org.organization();
    let url = |door: &str| {
        let short = organization.short();
        format!("{}/services/Soap/{door}/{version}/{short}", call.base_url())
    };
    let mut result = String::from("<result>");
    element(&mut result, "metadataServerUrl", &url("m"));
    element(
        &mut result,
        "passwordExpired",
        flag(person.must_change_password),
    );
    element(&mut result, "sandbox", flag(person.organization_is_sandbox));
    element(&mut result, "serverUrl", &url("u"));
    element(&mut result, "sessionId", issued.access_token.expose());
    element(&mut result, "userId", issued.user.as_str());
    let info = user_info(call, issued.user, person);
    result.push_str("<userInfo>");
    result.push_str(&info);
    result.push_str("</userInfo></result>");
    result
}

/// What is inside `userInfo`, in the order of the WSDL.
pub(super) fn user_info(call: &Call, user: Id, person: &Person) -> String {
    let org = &call.state.org;
    let text = |id: Option<Id>| id.map(|id| id.as_str().to_owned()).unwrap_or_default();
    let idle = org.login_settings().session_idle_seconds_max.to_string();
    let (profile, role) = (text(person.profile), text(person.role));
    let mut info = String::new();
    for (name, value) in [
        ("accessibilityMode", "false"),
        ("chatterExternal", "false"),
        ("currencySymbol", "$"),
        ("orgAttachmentFileSizeLimit", "5242880"),
        ("orgDefaultCurrencyIsoCode", "USD"),
        ("orgDefaultCurrencyLocale", "en_US"),
        ("orgDisallowHtmlAttachments", "false"),
        ("orgHasPersonAccounts", "false"),
        ("organizationId", org.organization().as_str()),
        ("organizationMultiCurrency", "false"),
        ("organizationName", &person.organization_name),
        ("profileId", &profile),
        ("roleId", &role),
        ("sessionSecondsValid", &idle),
        ("userDefaultCurrencyIsoCode", ""),
        ("userEmail", &person.email),
        ("userFullName", &person.name),
        ("userId", user.as_str()),
        ("userLanguage", &person.language),
        ("userLocale", &person.locale),
        ("userName", &person.username),
        ("userTimeZone", &person.time_zone),
        ("userType", &person.user_type),
        ("userUiSkin", "Theme3"),
    ] {
        element(&mut info, name, value);
    }
    info
}

/// The time, as `getServerTimestamp` gives it.
pub(super) fn server_timestamp(now: Timestamp) -> String {
    let now = now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
    wrapped(
        "getServerTimestampResponse",
        &format!("<result><timestamp>{now}</timestamp></result>"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_has_milliseconds_and_a_z() {
        let xml = server_timestamp("2026-01-31T12:34:56.789123Z".parse().unwrap());
        assert!(
            xml.contains("<timestamp>2026-01-31T12:34:56.789Z</timestamp>"),
            "{xml}"
        );
    }
}
