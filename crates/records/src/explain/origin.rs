//! Which records hold the values that a record inherits: read in one query, whatever their number.

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Keeps, Name, Object, Source, Value};
use headwater_soql::resolved::{Column, Expression, Filter, Link, Query};
use headwater_store::{Page, Rows};

use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::visibility::{self, Act};

/// Most paths an inherited value is followed through before it counts as having no origin.
const PATHS_MAX: usize = 5;

/// The records that hold inherited values, by the path of relationship names that leads to them.
#[derive(Debug, Default)]
pub(super) struct Origins(Vec<(String, Origin)>);

/// A record that holds inherited values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Origin {
    /// The record.
    pub(super) id: Id,
    /// Its name, if it has one and the caller sees it.
    pub(super) name: Option<String>,
    /// How many records of the inheriting object share its values, where the store counts them
    /// and the caller may see them all.
    pub(super) sharing: Option<u64>,
    /// Whether the caller reaches it for editing.
    pub(super) editable: bool,
}

/// Where a field's value is kept, by names: the path of relationships from the inheriting object,
/// and the object and field at its end.
#[derive(Debug, Clone)]
pub(super) struct Home {
    /// Relationship names with dots between.
    pub(super) path: String,
    /// The object that owns the value.
    pub(super) object: Arc<Object>,
    /// The field's place there.
    pub(super) place: usize,
}

impl Home {
    /// The home of the field at a place; none when it is not inherited. A value inherited by the
    /// source in its turn is followed to the end.
    pub(super) fn of(catalogue: &Catalogue, object: &Arc<Object>, place: usize) -> Option<Self> {
        let mut home = Self {
            path: String::new(),
            object: Arc::clone(object),
            place,
        };
        for _ in 0..PATHS_MAX {
            let Source::Inherited(path) = &home.object.fields[home.place].source else {
                return (!home.path.is_empty()).then_some(home);
            };
            let (parents, _) = path.rsplit_once('.')?;
            let end = catalogue.follow(&home.object, path)?;
            let separator = if home.path.is_empty() { "" } else { "." };
            home = Self {
                path: format!("{}{separator}{parents}", home.path),
                place: end.place,
                object: Arc::clone(catalogue.object(&end.object.name)?),
            };
        }
        None
    }
}

impl Origins {
    /// The record at the end of a path.
    pub(super) fn at(&self, path: &str) -> Option<&Origin> {
        self.0
            .iter()
            .find(|(known, _)| known == path)
            .map(|(_, origin)| origin)
    }

    /// Names and counts as others know them.
    pub(super) fn name_as(&mut self, others: &Self) {
        for (path, origin) in &mut self.0 {
            let known = others.at(path);
            origin.name = known.and_then(|known| known.name.clone());
            origin.sharing = known.and_then(|known| known.sharing);
        }
    }

    /// The origins of the inherited ones among these fields of a record, as far as the caller may
    /// see them.
    pub(super) async fn read(
        org: &Org,
        caller: &Caller,
        object: &Arc<Object>,
        places: &[usize],
        record: Id,
    ) -> Result<Self, Error> {
        let catalogue = &caller.rights.catalogue;
        let mut homes: Vec<Home> = Vec::new();
        for home in places
            .iter()
            .filter_map(|place| Home::of(catalogue, object, *place))
        {
            if homes.iter().all(|known| known.path != home.path) {
                homes.push(home);
            }
        }
        if homes.is_empty() {
            return Ok(Self::default());
        }
        let Some((query, columns)) = query(caller, object, &homes, record) else {
            return Ok(Self::default());
        };
        let selected = org
            .store()
            .select(Arc::new(query), Page::default(), Rows::default());
        let rows = selected.await?.sink.rows;
        let Some(row) = rows.first() else {
            return Ok(Self::default());
        };
        let mut origins = Vec::with_capacity(homes.len());
        for (home, columns) in homes.into_iter().zip(columns) {
            let Some(id) = row[columns.id].as_id() else {
                continue;
            };
            let origin = Origin {
                id,
                name: columns
                    .name
                    .and_then(|name| row[name].as_text())
                    .map(str::to_owned),
                sharing: columns.sharing.and_then(|count| counted(&row[count])),
                editable: org.reaches(caller, &home.object, id, Act::Edit).await?,
            };
            origins.push((home.path, origin));
        }
        Ok(Self(origins))
    }
}

/// Which columns tell about one origin.
struct Columns {
    id: usize,
    name: Option<usize>,
    sharing: Option<usize>,
}

fn query(
    caller: &Caller,
    object: &Arc<Object>,
    homes: &[Home],
    record: Id,
) -> Option<(Query, Vec<Columns>)> {
    let mut query = Query::of_object(object);
    let own_id = Column {
        source: 0,
        field: 0,
    };
    query.filter = Filter::equal(own_id, Value::Id(record));
    let columns = homes
        .iter()
        .map(|home| columns(caller, &mut query, object, home));
    let columns = columns.collect::<Option<Vec<_>>>()?;
    visibility::restrict(caller, &mut query);
    Some((query, columns))
}

fn columns(
    caller: &Caller,
    query: &mut Query,
    object: &Arc<Object>,
    home: &Home,
) -> Option<Columns> {
    let source = join(&caller.rights.catalogue, query, &home.path)?;
    let mut column = |field| query.column(Expression::Column(Column { source, field }));
    let rights = caller.rights.on(&home.object);
    let name = home.object.fields.iter().position(|field| field.name_field);
    let sharing = sharing(&home.object, object)
        .filter(|_| visibility::filter(caller, object, Act::See, 0) == Filter::Always);
    Some(Columns {
        id: column(0),
        name: name.filter(|place| rights.reads(*place)).map(&mut column),
        sharing: sharing.map(&mut column),
    })
}

/// The source at the end of a path of relationship names.
fn join(catalogue: &Catalogue, query: &mut Query, path: &str) -> Option<usize> {
    let mut source = 0;
    for name in path.split('.') {
        let object = Arc::clone(&query.sources[source].object);
        let (field, reference) = object.relationship(name)?;
        let target: &Name = reference.kind.as_reference()?.targets.names().first()?;
        source = query.join(Link { source, field }, catalogue.object(target)?);
    }
    Some(source)
}

/// The column of an object in which the store counts the records of another that refer to it.
fn sharing(object: &Object, of: &Object) -> Option<usize> {
    object.fields.iter().position(|field| match &field.source {
        Source::Rollup(rollup) => rollup.keeps == Keeps::Count && rollup.object == of.name,
        Source::Stored | Source::Inherited(_) | Source::Formula(_) => false,
    })
}

fn counted(value: &Value) -> Option<u64> {
    u64::try_from(value.as_integer().unwrap_or(0)).ok()
}
