//! What a list is asked for: its address, read and written.

use std::sync::Arc;

use headwater_catalogue::{Field, Id, Object};
use headwater_records::search::Whose;
use headwater_records::{Caller, Error, Table};

use crate::console::Console;
use crate::form::Form;
use crate::text::{containing, encoded, literal};
use crate::views::{self, View};
use crate::{fields, views::columns};

/// Most characters of a search.
const SEARCH_CHARACTERS_MAX: usize = 80;

/// A list as its address asks for it.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    /// The object.
    pub(crate) object: Arc<Object>,
    /// The view.
    pub(crate) view: View,
    /// The search.
    pub(crate) search: String,
    /// The field that it is sorted by, with a hyphen before it when it descends; none: the view's.
    pub(crate) sort: Option<String>,
    /// The fields that it is narrowed by, each with its value.
    narrowed: Vec<(String, String)>,
    /// The key of the row before its first.
    pub(crate) after: Option<String>,
}

impl Listing {
    /// Reads an address. What it asks for that there is not, it does not ask for.
    pub(crate) fn read(caller: &Caller, object: &str, query: &str) -> Result<Self, Error> {
        let catalogue = &caller.rights.catalogue;
        let object = catalogue
            .object(object)
            .filter(|object| caller.rights.on(object).read && object.calls.query)
            .ok_or_else(|| Error::UnknownObject(object.to_owned()))?;
        let form = Form::read(query.as_bytes());
        let all = views::all_of(object);
        let asked = form.get("view").unwrap_or_default();
        let view = all.iter().find(|view| view.key == asked).or(all.first());
        let view = *view.ok_or_else(|| Error::UnknownObject(object.name.to_string()))?;
        let narrowed = form.pairs().filter_map(|(name, value)| {
            let place = object
                .position(name)
                .filter(|place| caller.rights.on(object).reads(*place))?;
            let field = &object.fields[place];
            // What refers to one record, as related lists ask for, beside what the list offers.
            let narrows = views::narrowed_by(object).contains(&&*field.name)
                || field.kind.as_reference().is_some() && value.parse::<Id>().is_ok();
            (narrows && !value.is_empty()).then(|| (field.name.to_string(), value.to_owned()))
        });
        let search = form.filled("q").unwrap_or_default();
        Ok(Self {
            object: Arc::clone(object),
            view,
            search: search.chars().take(SEARCH_CHARACTERS_MAX).collect(),
            sort: form
                .filled("sort")
                .filter(|sort| sorts(caller, object, sort.trim_start_matches('-')))
                .map(str::to_owned),
            narrowed: narrowed.collect(),
            after: form.filled("after").map(str::to_owned),
        })
    }

    /// The list that an address of a list names; none when it is not one.
    pub(crate) fn at(caller: &Caller, url: &str) -> Option<Self> {
        let rest = url.strip_prefix("/o/")?;
        let (object, query) = rest.split_once('?').unwrap_or((rest, ""));
        Self::read(caller, object, query).ok()
    }

    /// Its address, from the row after a key on.
    pub(crate) fn url(&self, after: Option<&str>) -> String {
        self.url_with(self.sort.as_deref(), after)
    }

    /// Its address, sorted by a field; the other way round when it is so already.
    pub(crate) fn url_sorted(&self, field: &str) -> String {
        let turned = format!("-{field}");
        let sort = if self.sort.as_deref() == Some(field) {
            &turned
        } else {
            field
        };
        self.url_with(Some(sort), None)
    }

    fn url_with(&self, sort: Option<&str>, after: Option<&str>) -> String {
        let mut url = format!("/o/{}?view={}", self.object.name, self.view.key);
        let narrowed = self
            .narrowed
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let search = Some(("q", self.search.as_str())).filter(|(_, value)| !value.is_empty());
        let more = [("sort", sort), ("after", after)];
        let more = more
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        for (name, value) in narrowed.chain(search).chain(more) {
            url.extend(["&", name, "=", &encoded(value)]);
        }
        url
    }

    /// Whether it is narrowed to a value of a field.
    pub(crate) fn is_narrowed_to(&self, field: &str, value: &str) -> bool {
        let mut narrowed = self.narrowed.iter();
        narrowed.any(|(name, known)| name == field && known == value)
    }

    /// The fields that it may be narrowed by, as far as the caller sees them.
    pub(crate) fn narrowable(&self, caller: &Caller) -> Vec<&Field> {
        let rights = caller.rights.on(&self.object);
        let names = views::narrowed_by(&self.object).iter();
        names
            .filter_map(|name| self.object.position(name))
            .filter(|place| rights.reads(*place))
            .map(|place| &self.object.fields[place])
            .collect()
    }

    /// How it is sorted by a field now: `ascending` or `descending`, as `aria-sort` has it.
    pub(crate) fn sorted(&self, field: &str) -> Option<&'static str> {
        match self.sort.as_deref() {
            Some(sort) if sort == field => Some("ascending"),
            Some(sort) if sort.strip_prefix('-') == Some(field) => Some("descending"),
            _ => None,
        }
    }

    /// A page of it.
    pub(crate) async fn rows(
        &self,
        console: &Console,
        caller: &Caller,
        rows_max: u64,
    ) -> Result<Table, Error> {
        let (soql, after) = (self.soql(caller), self.after.as_deref());
        let org = &console.org;
        match self.words() {
            Some(words) => {
                org.browse_words(caller, &soql, words, after, rows_max)
                    .await
            }
            None => org.browse(caller, &soql, after, rows_max).await,
        }
    }

    /// What is searched for by the words of an index. Sessions are found by who wrote, unless by
    /// their number.
    fn words(&self) -> Option<(&str, Whose<'static>)> {
        if self.search.is_empty() || !self.object.is_searched() {
            return None;
        }
        let start = self.search.get(..2).unwrap_or_default();
        let is_number = start.eq_ignore_ascii_case("ms");
        let whose = if &*self.object.name == "MessagingSession" && !is_number {
            Whose::Of("MessagingEndUserId")
        } else {
            Whose::Own
        };
        Some((&self.search, whose))
    }

    /// The path of what a row is called in the list.
    pub(crate) fn named_by(&self) -> Option<String> {
        match &*self.object.name {
            "MessagingSession" => Some("MessagingEndUser.Name".to_owned()),
            _ => self.object.name_field().map(|field| field.name.to_string()),
        }
    }

    fn soql(&self, caller: &Caller) -> String {
        let object = &self.object;
        let mut paths = fields::selected(caller, object, &columns(object));
        let own_name = object.name_field().map(|field| field.name.to_string());
        let also = ["MessagingEndUserId", "Status", "StartTime"].map(str::to_owned);
        let also = also
            .into_iter()
            .filter(|_| &*object.name == "MessagingSession");
        for path in own_name.into_iter().chain(self.named_by()).chain(also) {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        let mut conditions = vec![self.view.filter(caller), self.search_condition()];
        for (name, value) in &self.narrowed {
            conditions.push(format!("{name} = {}", literal(value)));
        }
        conditions.retain(|condition| !condition.is_empty());
        let mut soql = format!("SELECT {} FROM {}", paths.join(", "), object.name);
        if !conditions.is_empty() {
            let all: Vec<_> = conditions.iter().map(|one| format!("({one})")).collect();
            soql.extend([" WHERE ", &all.join(" AND ")]);
        }
        if let Some(order) = self.order() {
            soql.extend([" ORDER BY ", &order]);
        }
        soql
    }

    fn order(&self) -> Option<String> {
        if let Some(sort) = &self.sort {
            return Some(match sort.strip_prefix('-') {
                Some(field) => format!("{} DESC NULLS LAST", self.sort_path(field)),
                None => format!("{} ASC NULLS LAST", self.sort_path(sort)),
            });
        }
        if !self.view.order.is_empty() {
            return Some(self.view.order.to_owned());
        }
        let name = self.object.name_field().filter(|field| field.sortable)?;
        Some(format!("{} ASC", name.name))
    }

    /// What is compared when the list is sorted by a field: of a reference its name.
    fn sort_path(&self, field: &str) -> String {
        let reference = self.object.field(field).and_then(|f| f.kind.as_reference());
        let relationship = reference
            .filter(|reference| !reference.is_polymorphic())
            .and_then(|reference| reference.relationship.as_deref());
        match relationship {
            Some("Case") => "Case.CaseNumber".to_owned(),
            Some(name) => format!("{name}.Name"),
            None => field.to_owned(),
        }
    }

    /// What is searched for where no index of words has it.
    fn search_condition(&self) -> String {
        if self.search.is_empty() || self.words().is_some() {
            return String::new();
        }
        let pattern = containing(&self.search);
        let paths = views::searched(&self.object);
        let any: Vec<_> = paths
            .iter()
            .map(|path| format!("{path} LIKE {pattern}"))
            .collect();
        any.join(" OR ")
    }
}

/// Whether a list can be sorted by a field.
pub(super) fn sorts(caller: &Caller, object: &Object, name: &str) -> bool {
    let place = object.position(name);
    place.is_some_and(|place| {
        let field = &object.fields[place];
        let is_named = field.kind.as_reference().is_none_or(|reference| {
            reference.is_polymorphic()
                || reference.targets.names().first().is_some_and(|target| {
                    let target = caller.rights.catalogue.object(target);
                    target
                        .and_then(|target| target.name_field())
                        .is_some_and(|name| matches!(&*name.name, "Name" | "CaseNumber"))
                })
        });
        field.sortable && is_named && caller.rights.on(object).reads(place)
    })
}
