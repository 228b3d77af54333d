//! Who could grant a missing right: whoever may manage users.

use headwater_catalogue::{SystemPermission, Value};

use crate::error::Error;
use crate::org::Org;
use crate::selection::Selection;

/// Most names in a sentence.
const NAMES_MAX: usize = 3;

/// Who could grant a missing right, ready to stand in a sentence: `a System Administrator`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grantors(pub(super) String);

impl Grantors {
    /// Whoever may manage users now.
    pub(super) async fn read(org: &Org) -> Result<Self, Error> {
        let catalogue = org.catalogue();
        let sets = Selection::of(&catalogue, "PermissionSet")?
            .fields(&["ProfileId", "Label"])?
            .equal(SystemPermission::ManageUsers.field(), true)?
            .rows(org.store())
            .await?;
        let profiles: Vec<Value> = sets.iter().map(|row| row[1].clone()).collect();
        let profiles = profiles.into_iter().filter(|id| !id.is_null()).collect();
        let rows = Selection::of(&catalogue, "Profile")?
            .fields(&["Name"])?
            .any_of("Id", profiles)?
            .rows(org.store())
            .await?;
        let names = rows.iter().filter_map(|row| row[1].as_text());
        let assigned = sets.iter().filter(|row| row[1].is_null());
        let assigned = assigned.filter_map(|row| row[2].as_text());
        Ok(Self::of(names.collect(), assigned.collect()))
    }

    fn of(profiles: Vec<&str>, permission_sets: Vec<&str>) -> Self {
        let (names, whoever): (_, fn(&str) -> String) = if profiles.is_empty() {
            (permission_sets, |name| {
                format!("whoever has the permission set {name}")
            })
        } else {
            (profiles, with_article)
        };
        let mut names = names;
        names.sort_unstable();
        let all: Vec<_> = names
            .iter()
            .take(NAMES_MAX)
            .map(|name| whoever(name))
            .collect();
        Self(match all.as_slice() {
            [] => "an administrator".to_owned(),
            all => all.join(" or "),
        })
    }
}

impl Default for Grantors {
    fn default() -> Self {
        Self::of(Vec::new(), Vec::new())
    }
}

fn with_article(name: &str) -> String {
    let begins_with_vowel = name.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']);
    format!("{} {name}", if begins_with_vowel { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_named_with_an_article() {
        let grantors = Grantors::of(vec!["System Administrator", "Access Lead"], vec!["Extra"]);
        assert_eq!(grantors.0, "an Access Lead or a System Administrator");
    }

    #[test]
    fn permission_sets_stand_in_when_no_profile_may() {
        let grantors = Grantors::of(vec![], vec!["Manage People"]);
        assert_eq!(grantors.0, "whoever has the permission set Manage People");
    }

    #[test]
    fn an_org_in_which_nobody_may_still_has_a_sentence() {
        assert_eq!(Grantors::default().0, "an administrator");
    }
}
