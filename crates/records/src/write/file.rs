//! What is written together with a version of a file: the document that all its versions are of, the
//! links by which people have it, and the version that was the latest before.
//!
//! A document shows what its latest version says. Fields that both have under one name are written
//! in both, whichever is changed.

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Object, Value};
use headwater_soql::resolved::Filter;
use headwater_store::Operation;

use crate::change::{Accepted, Change, ValidChange};
use crate::error::Error;
use crate::org::Org;
use crate::selection::Selection;

const VERSION: &str = "ContentVersion";
const DOCUMENT: &str = "ContentDocument";
const LINK: &str = "ContentDocumentLink";
const LATEST: &str = "LatestPublishedVersionId";

/// The file that a new version is of.
pub(super) struct File {
    document: Id,
    /// The version that is the latest until now; none of a new file.
    before: Option<Id>,
    /// Who owns the file, where the version does not say so.
    owner: Option<Value>,
}

impl Org {
    /// The file of a new version, if that is what is made: the one it names, or a new one.
    pub(super) async fn file_of(
        &self,
        change: &mut Change<'_>,
        given: &Accepted<'_>,
    ) -> Result<Option<File>, Error> {
        if change.object.name != VERSION {
            return Ok(None);
        }
        Box::pin(self.begin_version(change, given)).await.map(Some)
    }

    async fn begin_version(
        &self,
        change: &mut Change<'_>,
        given: &Accepted<'_>,
    ) -> Result<File, Error> {
        let catalogue = change.catalogue();
        let Some(document) = change.given("ContentDocumentId").and_then(Value::as_id) else {
            let document = self.store().next_id(object(catalogue, DOCUMENT)?);
            change.refer_to_coming("ContentDocumentId", document);
            change.set("VersionNumber", "1");
            return Ok(File {
                document,
                before: None,
                owner: None,
            });
        };
        let rows = Selection::of(catalogue, DOCUMENT)?
            .fields(&[LATEST, "OwnerId"])?
            .equal("Id", document)?
            .rows(self.store())
            .await?;
        // A document that is not there is told by the write.
        let row = rows.into_iter().next().unwrap_or_default();
        let before = row.get(1).and_then(Value::as_id);
        let number = match before {
            Some(before) => self.version_number(catalogue, before).await?,
            None => 0,
        };
        change.set("VersionNumber", (number + 1).to_string());
        let owner = change.object.position("OwnerId");
        let is_given = owner.is_some_and(|place| given.names(place));
        Ok(File {
            document,
            before,
            owner: row.into_iter().nth(2).filter(|_| !is_given),
        })
    }

    async fn version_number(&self, catalogue: &Catalogue, version: Id) -> Result<u64, Error> {
        let rows = Selection::of(catalogue, VERSION)?
            .fields(&["VersionNumber"])?
            .equal("Id", version)?
            .rows(self.store())
            .await?;
        let number = rows.first().and_then(|row| row[1].as_text()?.parse().ok());
        Ok(number.unwrap_or_default())
    }

    /// Adds to a new version what comes into being or changes with it.
    pub(super) fn write_with_file(
        &self,
        version: &Arc<Object>,
        id: Id,
        change: &mut ValidChange,
        file: &File,
    ) -> Result<(), Error> {
        let catalogue = self.catalogue();
        let documents = object(&catalogue, DOCUMENT)?;
        let place = |name: &str| version.position(name).unwrap_or_default();
        if let Some(owner) = &file.owner {
            let owners = change.values.iter_mut();
            owners
                .filter(|(known, _)| *known == place("OwnerId"))
                .for_each(|(_, value)| *value = owner.clone());
        }
        let mut shown = mirrored(version, documents, &change.values);
        let latest = (position(documents, LATEST)?, Value::Id(id));
        let Some(before) = file.before else {
            change.before.push(Operation::Insert {
                object: Arc::clone(documents),
                id: file.document,
                values: shown,
            });
            let value = |name| found(&change.values, place(name));
            let (owner, location) = (value("OwnerId"), value("FirstPublishLocationId"));
            let links = object(&catalogue, LINK)?;
            let mut after = Vec::new();
            if let Some(owner) = owner {
                after.push(self.link(links, file.document, owner, "I")?);
            }
            if let Some(location) = location.filter(|location| Some(*location) != owner) {
                after.push(self.link(links, file.document, location, "V")?);
            }
            after.push(update(documents, file.document, vec![latest], Vec::new()));
            change.after = after;
            return Ok(());
        };
        shown.push(latest.clone());
        let was_latest = position(version, "IsLatest")?;
        let ended = (was_latest, Value::Boolean(false));
        let expected = (was_latest, Value::Boolean(true));
        change.after = vec![
            update(version, before, vec![ended], vec![expected]),
            update(
                documents,
                file.document,
                shown,
                vec![(latest.0, Value::Id(before))],
            ),
        ];
        Ok(())
    }

    /// A new link of a document.
    fn link(
        &self,
        links: &Arc<Object>,
        document: Id,
        entity: &Value,
        share_type: &str,
    ) -> Result<Operation, Error> {
        let values = [
            ("LinkedEntityId", entity.clone()),
            ("ContentDocumentId", Value::Id(document)),
            ("ShareType", Value::from(share_type)),
            ("Visibility", Value::from("AllUsers")),
        ];
        let values = values.map(|(name, value)| Ok((position(links, name)?, value)));
        Ok(Operation::Insert {
            object: Arc::clone(links),
            id: self.store().next_id(links),
            values: values.into_iter().collect::<Result<_, Error>>()?,
        })
    }

    /// What else changes with these values of a version or a document.
    pub(super) async fn beside_file(
        &self,
        changed: &Arc<Object>,
        id: Id,
        values: &[(usize, Value)],
    ) -> Result<Option<Operation>, Error> {
        let (other, reference) = match &*changed.name {
            VERSION => (DOCUMENT, "ContentDocumentId"),
            DOCUMENT => (VERSION, LATEST),
            _ => return Ok(None),
        };
        let catalogue = self.catalogue();
        let other = object(&catalogue, other)?;
        let shown = mirrored(changed, other, values);
        if shown.is_empty() {
            return Ok(None);
        }
        let read = Selection::of_object(changed)
            .fields(&[reference])?
            .equal("Id", id)?
            .rows(self.store());
        let rows = Box::pin(read).await?;
        let Some(beside) = rows.first().and_then(|row| row[1].as_id()) else {
            return Ok(None);
        };
        if changed.name == DOCUMENT {
            let latest = (position(other, "IsLatest")?, Value::Boolean(true));
            return Ok(Some(update(other, beside, shown, vec![latest])));
        }
        let latest = Selection::of_object(other)
            .fields(&[LATEST])?
            .equal("Id", beside)?
            .rows(self.store());
        let rows = Box::pin(latest).await?;
        // Earlier versions keep to themselves what they say.
        let is_latest = rows.first().is_some_and(|row| row[1] == Value::Id(id));
        let latest = (position(other, LATEST)?, Value::Id(id));
        Ok(is_latest.then(|| update(other, beside, shown, vec![latest])))
    }
}

/// The platform's own change of a record that the caller's change brings about.
fn update(
    object: &Arc<Object>,
    id: Id,
    values: Vec<(usize, Value)>,
    expect: Vec<(usize, Value)>,
) -> Operation {
    Operation::Update {
        object: Arc::clone(object),
        id,
        values,
        may: Filter::Always,
        expect,
        seen: None,
    }
}

/// The values of one of the two objects that the other shows too.
fn mirrored(from: &Object, to: &Object, values: &[(usize, Value)]) -> Vec<(usize, Value)> {
    let own = Catalogue::own_fields(to);
    let shown = values.iter().filter_map(|(place, value)| {
        let name = &from.fields[*place].name;
        let field = own.field(name).filter(|field| field.is_column())?;
        Some((to.position(&field.name)?, value.clone()))
    });
    shown.collect()
}

fn found(values: &[(usize, Value)], place: usize) -> Option<&Value> {
    let found = values.iter().find(|(known, _)| *known == place);
    found
        .map(|(_, value)| value)
        .filter(|value| !value.is_null())
}

fn object<'c>(catalogue: &'c Catalogue, name: &str) -> Result<&'c Arc<Object>, Error> {
    let object = catalogue.object(name);
    object.ok_or_else(|| Error::UnknownObject(name.to_owned()))
}

fn position(object: &Object, field: &str) -> Result<usize, Error> {
    object.position(field).ok_or_else(|| Error::UnknownField {
        object: object.name.clone(),
        field: field.to_owned(),
    })
}
