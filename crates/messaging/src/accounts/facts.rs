//! What each carrier wants to be connected: the one list for pages, commands and checks.

/// Something that is asked for when a channel is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// What the carrier calls it.
    pub label: &'static str,
    /// Where it is found, or what it looks like.
    pub hint: &'static str,
}

/// What a carrier wants to be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CarrierFacts {
    /// The value of `ChannelAccount.Carrier`.
    pub carrier: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// The types of channels that it serves: values of `MessageType`.
    pub types: &'static [&'static str],
    /// What the account is called there; none where the secret says it.
    pub key: Option<Asked>,
    /// What opens its API.
    pub secret: Asked,
    /// What it signs with, where that is something else.
    pub signing_secret: Option<Asked>,
    /// Where messages are taken to, where that is nowhere by itself; else an address is asked for only of
    /// those who go another way than usual.
    pub address: Option<Asked>,
    /// Whether it takes no address from a program, so that somebody has to tell it.
    pub is_told_by_hand: bool,
    /// Whether it wants to be shown a token with the address.
    pub wants_token: bool,
    /// Whether it hears what happens in sessions beside messages.
    pub hears: bool,
    /// The last part of the address that it calls; one that begins with a slash is the same for all
    /// channels.
    path: &'static str,
}

/// All carriers there are.
pub const CARRIERS: [CarrierFacts; 5] = [
    CarrierFacts {
        carrier: "Twilio",
        name: "Twilio",
        types: &["Text", "WhatsApp"],
        key: Some(Asked {
            label: "Account SID",
            hint: "AC and 32 letters and digits.",
        }),
        secret: Asked {
            label: "Auth token",
            hint: "It signs what Twilio sends and opens its API.",
        },
        signing_secret: None,
        address: None,
        is_told_by_hand: true,
        wants_token: false,
        hears: false,
        path: "twilio",
    },
    CarrierFacts {
        carrier: "WhatsApp",
        name: "WhatsApp Cloud API",
        types: &["WhatsApp"],
        key: Some(Asked {
            label: "Phone number ID",
            hint: "Digits: in the app, WhatsApp, API Setup. It is not the phone number.",
        }),
        secret: Asked {
            label: "Access token",
            hint: "Of a system user with whatsapp_business_messaging; one that does not run out.",
        },
        signing_secret: Some(Asked {
            label: "App secret",
            hint: "In the app, App settings, Basic. It signs what Meta sends.",
        }),
        address: None,
        is_told_by_hand: true,
        wants_token: true,
        hears: false,
        path: "meta",
    },
    CarrierFacts {
        carrier: "Messenger",
        name: "Facebook Messenger",
        types: &["Facebook"],
        key: Some(Asked {
            label: "Page ID",
            hint: "Digits: on the page, About, Page transparency.",
        }),
        secret: Asked {
            label: "Page access token",
            hint: "Of the page, with pages_messaging and pages_manage_metadata.",
        },
        signing_secret: Some(Asked {
            label: "App secret",
            hint: "In the app, App settings, Basic. It signs what Meta sends.",
        }),
        address: None,
        is_told_by_hand: true,
        wants_token: true,
        hears: false,
        path: "meta",
    },
    CarrierFacts {
        carrier: "Telegram",
        name: "Telegram",
        types: &["Custom"],
        key: None,
        secret: Asked {
            label: "Bot token",
            hint: "From @BotFather: digits, a colon, letters and digits.",
        },
        signing_secret: None,
        address: None,
        is_told_by_hand: false,
        wants_token: false,
        hears: false,
        path: "telegram",
    },
    CarrierFacts {
        carrier: "Partner",
        name: "Your own service",
        types: &["Custom"],
        key: Some(Asked {
            label: "Conversation channel definition",
            hint: "What the service names in the header AuthorizationContext: letters, digits and \
                   underscores. Several channels may have the same.",
        }),
        secret: Asked {
            label: "Signing secret",
            hint: "What the callbacks are signed with: whsec_ and 24 to 64 random bytes as base64.",
        },
        signing_secret: None,
        address: Some(Asked {
            label: "Callback address",
            hint: "Where the service takes what agents write: an https address.",
        }),
        is_told_by_hand: true,
        wants_token: false,
        hears: true,
        path: "/api/v1/interactions",
    },
];

impl CarrierFacts {
    /// The carrier of this name.
    pub fn of(carrier: &str) -> Option<&'static Self> {
        CARRIERS.iter().find(|facts| facts.carrier == carrier)
    }

    /// The carriers that serve channels of this type, the usual one last.
    pub fn for_type(kind: &str) -> impl Iterator<Item = &'static Self> {
        let serves = move |facts: &&Self| facts.types.contains(&kind);
        CARRIERS.iter().filter(serves)
    }

    /// Where the carrier calls this server about a channel.
    pub fn webhook(&self, public_url: &str, channel: &str) -> String {
        let public_url = public_url.trim_end_matches('/');
        if self.path.starts_with('/') {
            return format!("{public_url}{}", self.path);
        }
        format!("{public_url}/channels/{channel}/{}", self.path)
    }
}
