//! `TYPEOF What WHEN Account THEN Phone ELSE Name END`: a polymorphic parent of which each type
//! shows fields of its own.

use std::sync::Arc;

use super::path::{Node, Walk, id_of};
use super::select::selected_twice;
use super::{Resolver, unknown_object};
use crate::ast;
use crate::error::{SoqlError, SoqlErrorKind};
use crate::resolved::{Branch, Output};

impl Resolver<'_> {
    pub(super) fn add_type_of(
        &mut self,
        outputs: &mut Vec<Output>,
        type_of: &ast::TypeOf<'_>,
    ) -> Result<(), SoqlError> {
        let walk = self.walk_all(type_of.relationship)?;
        let (Some((name, Node::Several(sources))), before) =
            (walk.steps.last(), walk.steps.len().saturating_sub(1))
        else {
            return Err(not_polymorphic(type_of.relationship));
        };
        let branches = self.branches(&walk, sources, type_of)?;
        let mut inner = outputs;
        for (relationship, node) in &walk.steps[..before] {
            inner = self.parent(inner, relationship, node);
        }
        if inner.iter().any(|output| output.name() == &**name) {
            return Err(selected_twice(name));
        }
        inner.push(Output::TypeOf {
            name: name.clone(),
            branches,
        });
        Ok(())
    }

    fn branches(
        &mut self,
        walk: &Walk,
        sources: &[usize],
        type_of: &ast::TypeOf<'_>,
    ) -> Result<Vec<Branch>, SoqlError> {
        let mut branches: Vec<(usize, Branch)> = Vec::new();
        for branch in &type_of.branches {
            let source = self.source_of(sources, type_of, branch.object)?;
            if branches.iter().any(|(known, _)| *known == source) {
                return Err(SoqlError::malformed(
                    branch.object.at,
                    format!("duplicate WHEN for {} in TYPEOF", self.objects[source].name),
                ));
            }
            let made = self.branch(walk, &Node::One(source), source, &branch.fields)?;
            branches.push((source, made));
        }
        if !type_of.otherwise.is_empty() {
            // The fields that all types have in common, read from whichever there is.
            let node = Node::Several(sources.to_vec());
            for source in sources {
                if branches.iter().all(|(known, _)| known != source) {
                    let made = self.branch(walk, &node, *source, &type_of.otherwise)?;
                    branches.push((*source, made));
                }
            }
        }
        Ok(branches.into_iter().map(|(_, branch)| branch).collect())
    }

    /// The fields, as paths from the parent on.
    fn branch(
        &mut self,
        walk: &Walk,
        node: &Node,
        source: usize,
        fields: &[ast::Path<'_>],
    ) -> Result<Branch, SoqlError> {
        let mut outputs = Vec::new();
        for path in fields {
            let mut reached = self.reach_from(walk, node, *path)?;
            // What is shown stands inside the parent already.
            reached.walk.steps.drain(..walk.steps.len());
            self.add(&mut outputs, reached)?;
        }
        Ok(Branch {
            object: Arc::clone(self.objects[source]),
            id: self.query.column(id_of(source)),
            outputs,
        })
    }

    /// The source of a type, if the relationship leads there and the caller sees it.
    fn source_of(
        &self,
        sources: &[usize],
        type_of: &ast::TypeOf<'_>,
        object: ast::Name<'_>,
    ) -> Result<usize, SoqlError> {
        let known = self.context.catalogue.object(object.text);
        let known = known.filter(|known| self.context.sees_object(known));
        let Some(known) = known else {
            return Err(unknown_object(ast::Path::new(object.text, object.at)));
        };
        let mut sources = sources.iter();
        let source = sources.find(|source| self.objects[**source].name == known.name);
        source.copied().ok_or_else(|| {
            SoqlError::new(
                SoqlErrorKind::InvalidField,
                object.at,
                format!(
                    "Relationship '{}' in TYPEOF does not lead to '{}'",
                    type_of.relationship, known.name
                ),
            )
        })
    }
}

fn not_polymorphic(path: ast::Path<'_>) -> SoqlError {
    SoqlError::malformed(
        path.at,
        format!("TYPEOF takes a relationship to one of several objects, and '{path}' is not one"),
    )
}
