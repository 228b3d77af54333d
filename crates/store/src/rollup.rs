//! Columns that are kept from referring rows: how many there are, the greatest of a value.
//!
//! They are exact at the end of every write set. A new row only raises them, which costs one
//! update of its parent; a row that goes has the greatest value looked up anew in an index.

use headwater_catalogue::{Catalogue, Field, Keeps, Object, Source, Value};
use sea_query::{CaseStatement, Expr, ExprTrait as _, Query};

use crate::apply::Run;
use crate::dialect::Dialect;
use crate::migrate::rollup_of;
use crate::rows::Content;
use crate::session::borrowed;
use crate::table::Table;
use crate::write_set::WriteError;

/// What a change of a row means to the rollups of one of its parents.
#[derive(Debug)]
pub(crate) struct RollupStep {
    /// The place of the reference to the parent.
    reference: usize,
    /// The places of the values whose greatest is kept.
    greatest: Vec<usize>,
    /// A row comes: each of those values twice, then the parent's id.
    add: String,
    /// A row has gone: the parent's id, as often as it has such values and once more.
    remove: String,
    /// A value has changed: as for one that has gone.
    renew: Option<String>,
}

impl RollupStep {
    /// All steps for the rows of an object.
    pub(crate) fn all(child: &Object, catalogue: &Catalogue, dialect: Dialect) -> Vec<Self> {
        let mut steps = Vec::new();
        for parent in catalogue.objects() {
            for (reference, field) in child.fields.iter().enumerate() {
                let kept: Vec<&Field> = parent
                    .fields
                    .iter()
                    .filter(|kept| is_from(kept, child, field))
                    .collect();
                if !kept.is_empty() {
                    steps.push(Self::of(
                        parent, &kept, child, reference, catalogue, dialect,
                    ));
                }
            }
        }
        steps
    }

    fn of(
        parent: &Object,
        kept: &[&Field],
        child: &Object,
        reference: usize,
        catalogue: &Catalogue,
        dialect: Dialect,
    ) -> Self {
        let update = || {
            let mut update = Query::update();
            update
                .table(parent.name.to_string())
                .and_where(Expr::col("Id").eq(""));
            update
        };
        let (mut add, mut remove, mut renew) = (update(), update(), update());
        let mut greatest = Vec::new();
        for field in kept {
            let name = field.name.to_string();
            let column = || Expr::col((parent.name.to_string(), name.clone()));
            let Source::Rollup(rollup) = &field.source else {
                continue;
            };
            match &rollup.keeps {
                Keeps::Count => {
                    add.value(name.clone(), column().add(Dialect::number(1)));
                    remove.value(name.clone(), column().sub(Dialect::number(1)));
                }
                Keeps::Greatest(of) => {
                    let Some(place) = child.position(of) else {
                        continue;
                    };
                    greatest.push(place);
                    let less = column().is_null().or(column().lt(0_i64));
                    let raised = CaseStatement::new().case(less, Expr::val(0_i64));
                    add.value(name.clone(), raised.finally(column()));
                    if let Some(anew) = rollup_of(catalogue, field, Expr::val(""), dialect) {
                        remove.value(name.clone(), anew.clone());
                        renew.value(name.clone(), anew);
                    }
                }
            }
        }
        Self {
            reference,
            add: dialect.build(&add).text,
            remove: dialect.build(&remove).text,
            renew: (!greatest.is_empty()).then(|| dialect.build(&renew).text),
            greatest,
        }
    }
}

fn is_from(kept: &Field, child: &Object, reference: &Field) -> bool {
    matches!(&kept.source, Source::Rollup(rollup)
        if rollup.object == child.name && rollup.reference == reference.name)
}

impl Run<'_> {
    /// Brings the rollups of a row's parents up to its change: none before is a new row, none
    /// after one that has gone.
    pub(crate) fn roll_up(
        &mut self,
        table: &Table,
        before: Option<&[Value]>,
        after: Option<&[Value]>,
    ) -> Result<(), WriteError> {
        for step in &table.rollups {
            let parent = |row: Option<&[Value]>| row.and_then(|row| row[step.reference].as_id());
            let (old, new) = (parent(before), parent(after));
            if old != new {
                if let Some(id) = old {
                    let ids = vec![Content::Text(id.as_str().to_owned()); step.greatest.len() + 1];
                    self.roll(&step.remove, &ids)?;
                }
                if let (Some(id), Some(row)) = (new, after) {
                    let mut parameters = Vec::with_capacity(step.greatest.len() * 2 + 1);
                    for place in &step.greatest {
                        let content = Content::of(&row[*place], table.value_type(*place));
                        parameters.extend([content.clone(), content]);
                    }
                    parameters.push(Content::Text(id.as_str().to_owned()));
                    self.roll(&step.add, &parameters)?;
                }
            } else if let (Some(id), Some(before), Some(after), Some(renew)) =
                (new, before, after, &step.renew)
                && step
                    .greatest
                    .iter()
                    .any(|place| before[*place] != after[*place])
            {
                let ids = vec![Content::Text(id.as_str().to_owned()); step.greatest.len() + 1];
                self.roll(renew, &ids)?;
            }
        }
        Ok(())
    }

    fn roll(&mut self, text: &str, parameters: &[Content]) -> Result<(), WriteError> {
        self.session.forget_checks();
        Ok(self.session.run_later(text, &borrowed(parameters))?)
    }
}
