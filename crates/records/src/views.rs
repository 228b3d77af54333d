//! The views that lists have: which records, in which order, with which columns. Facts for the doors,
//! which ask their queries as any caller does.

use headwater_catalogue::{Id, KeyPrefix, Kind, Object};

use crate::caller::Caller;

const SESSION: &str = "MessagingSession";
const USER: &str = "MessagingEndUser";

/// A view of one object's records.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The object; empty for the views that every object has.
    pub object: &'static str,
    /// How the address names it.
    pub key: &'static str,
    /// What people see.
    pub label: &'static str,
    /// What it shows, for when there is nothing.
    pub none: &'static str,
    /// A SOQL condition; `:me` stands for the caller. Empty for all records.
    filter: &'static str,
    /// The SOQL order.
    pub order: &'static str,
}

/// The views, in the order they are offered; the first of an object is what its list opens with.
const VIEWS: &[View] = &[
    View {
        object: SESSION,
        key: "open",
        label: "All open",
        none: "No session is open. Customers who write in appear here by themselves.",
        filter: "Status NOT IN ('Ended', 'Error')",
        order: "StartTime DESC",
    },
    View {
        object: SESSION,
        key: "mine",
        label: "Mine",
        none: "No open session is yours.",
        filter: "OwnerId = :me AND Status NOT IN ('Ended', 'Error')",
        order: "StartTime DESC",
    },
    View {
        object: SESSION,
        key: "waiting",
        label: "Waiting",
        none: "Nobody is waiting.",
        filter: "Status IN ('Waiting', 'New')",
        order: "StartTime ASC",
    },
    View {
        object: SESSION,
        key: "ended",
        label: "Ended",
        none: "No session has ended yet.",
        filter: "Status IN ('Ended', 'Error')",
        order: "StartTime DESC",
    },
    View {
        object: SESSION,
        key: "all",
        label: "All",
        none: "There are no sessions.",
        filter: "",
        order: "StartTime DESC",
    },
    View {
        object: USER,
        key: "all",
        label: "All",
        none: "Nobody has written in yet.",
        filter: "",
        order: "Name ASC",
    },
    View {
        object: USER,
        key: "no-contact",
        label: "Without a contact",
        none: "Every Messaging User has a contact.",
        filter: "ContactId = null",
        order: "CreatedDate DESC",
    },
    View {
        object: USER,
        key: "no-account",
        label: "Without an account",
        none: "Every Messaging User has an account.",
        filter: "AccountId = null",
        order: "CreatedDate DESC",
    },
    View {
        object: "Case",
        key: "open",
        label: "Open",
        none: "No case is open.",
        filter: "IsClosed = false",
        order: "CreatedDate DESC",
    },
    View {
        object: "Relink",
        key: "all",
        label: "All",
        none: "Nothing has been relinked yet.",
        filter: "",
        order: "CreatedDate DESC",
    },
];

const ALL: View = View {
    object: "",
    key: "all",
    label: "All",
    none: "There are no such records yet.",
    filter: "",
    order: "",
};

const MINE: View = View {
    key: "mine",
    label: "Mine",
    none: "None of these records is yours.",
    filter: "OwnerId = :me",
    ..ALL
};

const NEWEST: View = View {
    key: "recent",
    label: "Changed lately",
    order: "LastModifiedDate DESC",
    ..ALL
};

impl View {
    /// By what clients name it: made of the object's name and its own.
    pub fn id(&self, object: &Object) -> Id {
        let number = number_of(&format!("{}/{}", object.name, self.key));
        Id::new(KeyPrefix::new("00B"), number)
    }

    /// Its condition for somebody; empty when it has none.
    pub fn filter(&self, caller: &Caller) -> String {
        self.filter.replace(":me", &format!("'{}'", caller.user))
    }
}

/// A number for a text: the same on every machine and release, as an id must be. FNV-1a.
fn number_of(text: &str) -> u64 {
    let number = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    u64::from(number)
}

/// The views made for one object.
pub fn of(object: &str) -> impl Iterator<Item = &'static View> {
    let object = object.to_owned();
    VIEWS.iter().filter(move |view| view.object == object)
}

/// All views of an object's list, the first of which is the one it opens with.
pub fn all_of(object: &Object) -> Vec<View> {
    let mut views: Vec<View> = of(&object.name).copied().collect();
    let has = |name: &str| object.field(name).is_some_and(|field| field.filterable);
    let usual = [
        (ALL, true),
        (MINE, has("OwnerId")),
        (NEWEST, has("LastModifiedDate")),
    ];
    for (view, fits) in usual {
        if fits && views.iter().all(|known| known.key != view.key) {
            views.push(view);
        }
    }
    views
}

/// The paths of the columns that a list shows beside the record's name.
pub fn columns(object: &Object) -> Vec<String> {
    let own: &[&str] = match &*object.name {
        SESSION => &[
            "Status",
            "StartTime",
            "EndUserAccountId",
            "EndUserContactId",
            "ChannelName",
            "OwnerId",
        ],
        USER => &[
            "MessageType",
            "MessagingPlatformKey",
            "AccountId",
            "ContactId",
            "CreatedDate",
        ],
        "Account" => &["Type", "Industry", "Phone", "BillingCity", "OwnerId"],
        "Contact" => &["AccountId", "Title", "Email", "MobilePhone", "OwnerId"],
        "Case" => &[
            "Subject",
            "Status",
            "Priority",
            "AccountId",
            "ContactId",
            "OwnerId",
            "CreatedDate",
        ],
        "Lead" => &["Company", "Status", "Email", "Phone", "OwnerId"],
        "Opportunity" => &["AccountId", "StageName", "Amount", "CloseDate", "OwnerId"],
        "Relink" => &[
            "CreatedDate",
            "CreatedById",
            "Rule",
            "MessagingEndUserCount",
            "SessionsAffected",
            "Reason",
            "UndoneById",
        ],
        "User" => &["Username", "ProfileId", "IsActive", "Email"],
        _ => &[],
    };
    if !own.is_empty() {
        return own.iter().map(|name| (*name).to_owned()).collect();
    }
    guessed(object)
}

/// The first few fields of an object that say something in one line.
fn guessed(object: &Object) -> Vec<String> {
    const COLUMNS_MAX: usize = 5;
    let fits = object.fields.iter().filter(|field| {
        let is_short = !matches!(
            field.kind,
            Kind::Id | Kind::TextArea { .. } | Kind::Address { .. } | Kind::Base64(_)
        );
        is_short && !field.name_field && !field.internal && (field.createable || field.custom)
    });
    let mut columns: Vec<_> = fits.take(COLUMNS_MAX).map(|f| f.name.to_string()).collect();
    if object.field("CreatedDate").is_some() {
        columns.push("CreatedDate".to_owned());
    }
    columns
}
