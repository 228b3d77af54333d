//! What a token may be used for.

use std::fmt;

/// Every scope there is. One that is not here is not given, and asking for nothing else is an
/// error.
const KNOWN: &[&str] = &[
    "full",
    "api",
    "web",
    "id",
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "refresh_token",
    "offline_access",
    "chatter_api",
    "custom_permissions",
    "pardot_api",
    "cdp_query_api",
    "lightning",
    "content",
    "visualforce",
    "einstein_gpt_api",
    "interaction_api",
];

/// Scopes in the order they were asked for, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// The scopes named in a text, separated by spaces (or `;`, as records keep them). Unknown
    /// ones are left out.
    pub fn parse(text: &str) -> Self {
        let mut scopes = Vec::new();
        for word in text.split([' ', ';', '+']) {
            let known = KNOWN.iter().find(|scope| scope.eq_ignore_ascii_case(word));
            if let Some(scope) = known
                && !scopes.iter().any(|s| s == scope)
            {
                scopes.push((*scope).to_owned());
            }
        }
        Self(scopes)
    }

    /// What a token gets when nothing is asked for and the application does not say.
    pub fn usual() -> Self {
        Self::parse("api web id refresh_token")
    }

    /// What a login to the console gets: nothing that its token could do at the API.
    pub fn console() -> Self {
        Self::parse("web")
    }

    /// Those an application may have. An application without a list may have all.
    #[must_use]
    pub fn within(self, allowed: &Self) -> Self {
        if allowed.0.is_empty() || allowed.has("full") && !self.is_empty() {
            return self;
        }
        Self(self.0.into_iter().filter(|s| allowed.has(s)).collect())
    }

    /// Without those that ask for a refresh token, for logins that get none.
    #[must_use]
    pub fn without_refresh(mut self) -> Self {
        self.0
            .retain(|scope| scope != "refresh_token" && scope != "offline_access");
        self
    }

    /// Whether the scope is among them.
    pub fn has(&self, scope: &str) -> bool {
        self.0.iter().any(|s| s == scope)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the token may call the data API.
    pub fn let_use_the_api(&self) -> bool {
        self.has("api") || self.has("full")
    }

    /// Whether the token may open the console.
    pub fn let_use_the_console(&self) -> bool {
        self.has("web") || self.has("full")
    }

    /// Whether the token may ask who its user is. Salesforce gives that to every API client.
    pub fn let_see_identity(&self) -> bool {
        self.let_use_the_api() || self.has("id") || self.has("openid")
    }

    /// Whether a refresh token comes with it.
    pub fn ask_for_refresh(&self) -> bool {
        self.has("refresh_token") || self.has("offline_access")
    }

    /// Each scope.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for Scopes {
    /// Separated by spaces, as OAuth answers them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_repeated_scopes_are_left_out() {
        let scopes = Scopes::parse("refresh_token API web api sudo");
        assert_eq!(scopes.to_string(), "refresh_token api web");
        assert!(Scopes::parse("sudo").is_empty());
    }

    #[test]
    fn an_application_limits_what_it_may_have() {
        let asked = Scopes::parse("api id");
        assert_eq!(
            asked.clone().within(&Scopes::parse("id;web")).to_string(),
            "id"
        );
        assert_eq!(asked.clone().within(&Scopes::default()), asked);
        assert_eq!(asked.clone().within(&Scopes::parse("full")), asked);
    }

    #[test]
    fn identity_alone_does_not_open_the_api() {
        let scopes = Scopes::parse("openid id");
        assert!(scopes.let_see_identity() && !scopes.let_use_the_api());
    }
}
