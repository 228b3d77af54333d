//! The views that lists have, as the console offers them: their addresses, and what one narrows and
//! searches them by.

use headwater_catalogue::Object;

pub(crate) use headwater_records::views::{View, all_of, columns, of};

const SESSION: &str = "MessagingSession";
const USER: &str = "MessagingEndUser";

/// The address of a view's list.
pub(crate) fn url(view: &View) -> String {
    format!("/o/{}?view={}", view.object, view.key)
}

/// The fields that one narrows a list by, each a picklist or a channel.
pub(crate) fn narrowed_by(object: &Object) -> &'static [&'static str] {
    match &*object.name {
        SESSION => &["Status", "MessagingChannelId", "ChannelType"],
        USER => &[
            "MessageType",
            "MessagingChannelId",
            "MessagingConsentStatus",
        ],
        "Case" => &["Status", "Priority"],
        "Lead" => &["Status"],
        "Opportunity" => &["StageName"],
        "Account" => &["Type", "Industry"],
        _ => &[],
    }
}

/// The paths that a search within a list looks at, where no index of words does.
pub(crate) fn searched(object: &Object) -> Vec<String> {
    object
        .name_field()
        .filter(|field| field.filterable)
        .map(|field| field.name.to_string())
        .into_iter()
        .collect()
}
