//! Paths: from the object in FROM over its parents to a field.

use std::sync::Arc;

use headwater_catalogue::{Field, Formula, Kind, Name, Object, Source, Targets, Value, ValueType};

use super::{PATH_LEVELS_MAX, Resolver, SOURCES_MAX, field_at};
use crate::ast;
use crate::error::{SoqlError, SoqlErrorKind};
use crate::resolved::{Column, Expression, Link};

/// What a path names when it stands before a dot: the rows of one source, or, behind a
/// polymorphic reference, of several, of which at most one has a row.
#[derive(Debug, Clone)]
pub(super) enum Node {
    One(usize),
    Several(Vec<usize>),
}

impl Node {
    pub(super) fn sources(&self) -> &[usize] {
        match self {
            Self::One(source) => std::slice::from_ref(source),
            Self::Several(sources) => sources,
        }
    }
}

/// The relationships a path has followed, each with its name in the catalogue.
#[derive(Debug, Clone, Default)]
pub(super) struct Walk {
    pub(super) steps: Vec<(Name, Node)>,
}

impl Walk {
    pub(super) fn node(&self) -> Node {
        self.steps
            .last()
            .map_or(Node::One(0), |(_, node)| node.clone())
    }

    pub(super) fn last_name(&self) -> Option<&str> {
        self.steps.last().map(|(name, _)| &**name)
    }
}

/// The field at the end of a path.
pub(super) struct Reached<'a> {
    pub(super) walk: Walk,
    pub(super) field: &'a Field,
    /// What results and messages call it.
    pub(super) name: Name,
    pub(super) content: Content,
}

/// What a field holds.
pub(super) enum Content {
    Value(Expression),
    /// The source whose fields are its parts.
    Address(usize),
}

impl Reached<'_> {
    /// The value, where an address will not do.
    pub(super) fn value(self, path: ast::Path<'_>) -> Result<Expression, SoqlError> {
        match self.content {
            Content::Value(expression) => Ok(expression),
            Content::Address(_) => Err(SoqlError::new(
                SoqlErrorKind::InvalidField,
                path.at,
                "Address fields can only be filtered using Distance expressions",
            )),
        }
    }
}

impl<'a> Resolver<'a> {
    /// The field a path names.
    pub(super) fn reach(&mut self, path: ast::Path<'_>) -> Result<Reached<'a>, SoqlError> {
        let mut names = path.names();
        let Some(last) = names.next_back() else {
            return Err(SoqlError::unexpected_token(path.at, ""));
        };
        let walk = self.start(&mut names);
        let walk = self.walk(walk, path, names)?;
        self.reached(walk, path, last)
    }

    /// The field a path names that begins at a parent; the last step of `walk` led there.
    pub(super) fn reach_from(
        &mut self,
        walk: &Walk,
        node: &Node,
        path: ast::Path<'_>,
    ) -> Result<Reached<'a>, SoqlError> {
        let mut names = path.names();
        let Some(last) = names.next_back() else {
            return Err(SoqlError::unexpected_token(path.at, ""));
        };
        let mut walk = walk.clone();
        if let Some((_, parent)) = walk.steps.last_mut() {
            *parent = node.clone();
        }
        let walk = self.walk(walk, path, names)?;
        self.reached(walk, path, last)
    }

    fn reached(
        &mut self,
        walk: Walk,
        path: ast::Path<'_>,
        last: ast::Name<'_>,
    ) -> Result<Reached<'a>, SoqlError> {
        let found = match walk.node() {
            Node::One(source) => self.field_of(source, last.text),
            Node::Several(sources) => self.field_of_several(&sources, last.text),
        };
        let Some((field, name, content)) = found else {
            return Err(self.unknown_field(path, last, &walk.node()));
        };
        self.check_source_count(path)?;
        Ok(Reached {
            walk,
            field,
            name,
            content,
        })
    }

    /// Follows a path of relationships only: `c.Account` in FROM.
    pub(super) fn walk_all(&mut self, path: ast::Path<'_>) -> Result<Walk, SoqlError> {
        let mut names = path.names();
        let walk = self.start(&mut names);
        let walk = self.walk(walk, path, names)?;
        self.check_source_count(path)?;
        Ok(walk)
    }

    fn walk<'q>(
        &mut self,
        mut walk: Walk,
        path: ast::Path<'q>,
        names: impl Iterator<Item = ast::Name<'q>>,
    ) -> Result<Walk, SoqlError> {
        for name in names {
            let step = self.step(&walk.node(), name.text);
            walk.steps
                .push(step.ok_or_else(|| unknown_relationship(path, name))?);
            if walk.steps.len() > PATH_LEVELS_MAX {
                return Err(too_many_levels(path));
            }
        }
        Ok(walk)
    }

    /// Takes the alias or the object's name that a path may begin with.
    fn start<'q>(&self, names: &mut (impl Iterator<Item = ast::Name<'q>> + Clone)) -> Walk {
        let mut ahead = names.clone();
        let Some(first) = ahead.next() else {
            return Walk::default();
        };
        if let Some((_, walk)) = self.joined.iter().find(|(alias, _)| first.is(alias)) {
            *names = ahead;
            return walk.clone();
        }
        if self.root_names.iter().any(|name| first.is(name)) {
            *names = ahead;
        }
        Walk::default()
    }

    fn step(&mut self, node: &Node, name: &str) -> Option<(Name, Node)> {
        match node {
            Node::One(source) => {
                let (place, name) = self.relationship(*source, name)?;
                Some((name, self.parents(*source, place)?))
            }
            Node::Several(sources) => {
                let mut reached = Vec::new();
                let mut canonical = None;
                for source in sources {
                    let Some((place, name)) = self.relationship(*source, name) else {
                        continue;
                    };
                    if let Some(node) = self.parents(*source, place) {
                        reached.extend_from_slice(node.sources());
                        canonical = Some(name);
                    }
                }
                Some((canonical?, Node::Several(reached)))
            }
        }
    }

    fn relationship(&self, source: usize, name: &str) -> Option<(usize, Name)> {
        let object = self.objects[source];
        let (place, field) = object.relationship(name)?;
        let canonical = field.kind.as_reference()?.relationship.clone()?;
        self.context
            .sees_field(object, place)
            .then_some((place, canonical))
    }

    /// The rows a reference points to, joined.
    fn parents(&mut self, source: usize, place: usize) -> Option<Node> {
        let (source, place) = self.stored(source, place)?;
        let object = self.objects[source];
        let targets = &field_at(object, place).kind.as_reference()?.targets;
        let link = Link {
            source,
            field: place,
        };
        let mut joined = Vec::new();
        for name in targets.names() {
            let target = self.context.catalogue.object(name)?;
            if self.context.sees_object(target) {
                joined.push(self.join(link, target));
            }
        }
        match targets {
            Targets::One(_) => joined.first().copied().map(Node::One),
            Targets::Several(_) if joined.is_empty() => None,
            Targets::Several(_) => Some(Node::Several(joined)),
        }
    }

    fn join(&mut self, link: Link, object: &'a Arc<Object>) -> usize {
        let source = self.query.join(link, object);
        if source == self.objects.len() {
            self.objects.push(object);
        }
        source
    }

    fn check_source_count(&self, path: ast::Path<'_>) -> Result<(), SoqlError> {
        if self.objects.len() <= SOURCES_MAX {
            return Ok(());
        }
        Err(SoqlError::malformed(
            path.at,
            format!("a query can reach at most {SOURCES_MAX} objects over its relationships"),
        ))
    }

    /// Where a field of a source is kept, reached over the joins an inherited one stands for.
    fn stored(&mut self, source: usize, place: usize) -> Option<(usize, usize)> {
        match &field_at(self.objects[source], place).source {
            Source::Stored | Source::Rollup(_) => Some((source, place)),
            Source::Inherited(path) => {
                let (source, place) = self.follow(source, path)?;
                self.stored(source, place)
            }
            Source::Formula(_) => None,
        }
    }

    /// A path of the catalogue. The caller's sight has been asked before.
    fn follow(&mut self, mut source: usize, path: &str) -> Option<(usize, usize)> {
        let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
        for name in parents.split('.').filter(|name| !name.is_empty()) {
            let (place, _) = self.objects[source].relationship(name)?;
            source = match self.parents(source, place)? {
                Node::One(parent) => parent,
                Node::Several(_) => return None,
            };
        }
        Some((source, self.objects[source].position(last)?))
    }

    fn field_of(&mut self, source: usize, name: &str) -> Option<(&'a Field, Name, Content)> {
        let object = self.objects[source];
        let place = object.position(name);
        let seen = place.filter(|place| self.context.sees_field(object, *place))?;
        self.content(source, seen)
    }

    /// The field at a place that the caller is known to see.
    pub(super) fn content(
        &mut self,
        source: usize,
        place: usize,
    ) -> Option<(&'a Field, Name, Content)> {
        let field = field_at(self.objects[source], place);
        let content = match field.kind {
            Kind::Address { .. } => Content::Address(source),
            _ => Content::Value(self.expression(source, place)?),
        };
        Some((field, field.name.clone(), content))
    }

    pub(super) fn expression(&mut self, source: usize, place: usize) -> Option<Expression> {
        let field = field_at(self.objects[source], place);
        match &field.source {
            Source::Stored | Source::Rollup(_) => Some(Expression::Column(Column {
                source,
                field: place,
            })),
            Source::Inherited(path) => self.expression_at(source, path),
            Source::Formula(formula) => self.formula(source, formula, field.kind.value_type()),
        }
    }

    fn expression_at(&mut self, source: usize, path: &str) -> Option<Expression> {
        let (source, place) = self.follow(source, path)?;
        self.expression(source, place)
    }

    fn formula(
        &mut self,
        source: usize,
        formula: &'a Formula,
        value_type: ValueType,
    ) -> Option<Expression> {
        match formula {
            Formula::Concatenation { paths, separator } => {
                let parts = paths.iter().map(|path| self.expression_at(source, path));
                Some(Expression::Concatenation {
                    parts: parts.collect::<Option<_>>()?,
                    separator: separator.clone(),
                })
            }
            Formula::ConsentReached { given, required } => Some(Expression::ConsentReached {
                given: Box::new(self.expression_at(source, given)?),
                required: Box::new(self.expression_at(source, required)?),
            }),
            Formula::CountOf {
                object,
                reference,
                holding,
            } => {
                let object = self.context.catalogue.object(object)?;
                let asked = |(field, value): &(Name, Name)| {
                    Some((object.position(field)?, value.to_string().into()))
                };
                Some(Expression::CountOf {
                    source,
                    reference: object.position(reference)?,
                    holding: holding.iter().map(asked).collect::<Option<_>>()?,
                    object: Arc::clone(object),
                })
            }
            Formula::LastSeen(kept) => {
                let object = self.context.catalogue.object("RecordView")?;
                Some(Expression::LastSeen {
                    source,
                    record: object.position("RecordId")?,
                    by: object.position("UserId")?,
                    at: object.position(kept)?,
                    object: Arc::clone(object),
                    user: Value::Id(self.context.caller),
                })
            }
            Formula::Unfilled => Some(Expression::Null(value_type)),
        }
    }

    fn unknown_field(&self, path: ast::Path<'_>, name: ast::Name<'_>, node: &Node) -> SoqlError {
        let entity = match node {
            Node::One(source) => &*self.objects[*source].name,
            Node::Several(_) => "Name",
        };
        SoqlError::new(
            SoqlErrorKind::InvalidField,
            path.at,
            format!(
                "No such column '{name}' on entity '{entity}'. If you are attempting to use a \
                 custom field, be sure to append the '__c' after the custom field name. Please \
                 reference your WSDL or the describe call for the appropriate names."
            ),
        )
    }
}

pub(super) fn id_of(source: usize) -> Expression {
    // The id is every object's first field.
    Expression::Column(Column { source, field: 0 })
}

fn unknown_relationship(path: ast::Path<'_>, name: ast::Name<'_>) -> SoqlError {
    SoqlError::new(
        SoqlErrorKind::InvalidField,
        path.at,
        format!(
            "Didn't understand relationship '{name}' in field path. If you are attempting to use a \
             custom relationship, be sure to append the '__r' after the custom relationship name. \
             Please reference your WSDL or the describe call for the appropriate names."
        ),
    )
}

fn too_many_levels(path: ast::Path<'_>) -> SoqlError {
    SoqlError::malformed(
        path.at,
        format!(
            "SOQL statements cannot query foreign key relationships more than {PATH_LEVELS_MAX} \
             levels away from the root entity object."
        ),
    )
}
