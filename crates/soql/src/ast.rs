//! The syntax tree of a query, borrowing names from its text.
//!
//! What the tree holds is what was written: names in the caller's case, numbers as digits, no
//! knowledge of the catalogue. Whatever can be complained about knows its [`Position`].

mod condition;
mod date_literal;
mod function;

pub use condition::{Comparison, Condition, Literal, LiteralValue, Operand, Operator};
pub use date_literal::{DateLiteral, DateUnit};
pub use function::Function;

/// Where something stands in the query's text, as an offset in bytes.
///
/// All positions are equal to each other, so that two trees are equal when they say the same,
/// however their texts are spaced.
#[derive(Debug, Clone, Copy, Default)]
pub struct Position(u32);

impl Position {
    /// The position `offset` bytes into the text. A query is far shorter than 4 GB.
    pub fn new(offset: usize) -> Self {
        Self(u32::try_from(offset).unwrap_or(u32::MAX))
    }

    /// The offset in bytes.
    pub fn offset(self) -> usize {
        self.0 as usize
    }
}

impl PartialEq for Position {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Position {}

/// One name: an object, a field, an alias, a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'q> {
    /// As written.
    pub text: &'q str,
    /// Where it begins.
    pub at: Position,
}

impl Name<'_> {
    /// Whether this is `other`, ignoring case as SOQL does.
    pub fn is(&self, other: &str) -> bool {
        self.text.eq_ignore_ascii_case(other)
    }
}

/// Names with dots between them: `Owner.Profile.Name`. A plain field is a path of one name.
#[derive(Debug, Clone, Copy)]
pub struct Path<'q> {
    /// As written; there may be space around the dots.
    text: &'q str,
    /// Where it begins.
    pub at: Position,
}

impl<'q> Path<'q> {
    /// The path written as `text`, which holds at least one name.
    pub fn new(text: &'q str, at: Position) -> Self {
        Self { text, at }
    }

    /// The names in order, each with its own position.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = Name<'q>> + Clone + use<'q> {
        let Self { text, at } = *self;
        text.split('.').map(move |piece| {
            let name = piece.trim();
            // Both point into the same text, so their distance is the name's offset in it.
            let offset = name.as_ptr().addr() - text.as_ptr().addr();
            Name {
                text: name,
                at: Position::new(at.offset() + offset),
            }
        })
    }

    /// The only name, if there is just one.
    pub fn single(&self) -> Option<Name<'q>> {
        let mut names = self.names();
        names.next().filter(|_| names.next().is_none())
    }
}

impl PartialEq for Path<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.names().eq(other.names())
    }
}

impl Eq for Path<'_> {}

/// A whole query, or one inside another.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query<'q> {
    /// Where its SELECT begins.
    pub at: Position,
    /// What is asked for; never empty.
    pub select: Vec<SelectItem<'q>>,
    /// The object, or the child relationship in a subquery, first; then joins in the old style
    /// (`FROM Contact c, c.Account a`). Never empty.
    pub from: Vec<Source<'q>>,
    /// USING SCOPE.
    pub scope: Option<Name<'q>>,
    /// WHERE.
    pub condition: Option<Condition<'q>>,
    /// WITH.
    pub with: Option<With<'q>>,
    /// GROUP BY.
    pub group_by: Option<GroupBy<'q>>,
    /// HAVING.
    pub having: Option<Condition<'q>>,
    /// ORDER BY; empty when absent.
    pub order_by: Vec<Order<'q>>,
    /// LIMIT.
    pub limit: Option<Count>,
    /// OFFSET.
    pub offset: Option<Count>,
    /// FOR VIEW, FOR REFERENCE, FOR UPDATE.
    pub purposes: Vec<Purpose>,
    /// UPDATE TRACKING, UPDATE VIEWSTAT.
    pub updates: Vec<UpdateStatistic>,
}

/// One item of a SELECT list.
#[derive(Debug, Clone, PartialEq)]
pub enum SelectItem<'q> {
    /// A field, an aggregate or another function, perhaps with an alias.
    Expression {
        /// What is selected.
        expression: Expression<'q>,
        /// What the result calls it.
        alias: Option<Name<'q>>,
    },
    /// `FIELDS(ALL)` and the like.
    Fields {
        /// Which fields.
        group: FieldGroup,
        /// Where it begins.
        at: Position,
    },
    /// The records of a child relationship.
    Subquery(Box<Query<'q>>),
    /// Different fields for each type of a polymorphic parent.
    TypeOf(TypeOf<'q>),
}

/// The fields that `FIELDS()` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldGroup {
    /// Every field.
    All,
    /// Fields made at run time.
    Custom,
    /// Fields that ship with the object.
    Standard,
}

/// `TYPEOF What WHEN Account THEN Phone ELSE Name END`.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeOf<'q> {
    /// Where it begins.
    pub at: Position,
    /// The polymorphic relationship.
    pub relationship: Path<'q>,
    /// The branches in order; never empty.
    pub branches: Vec<TypeOfBranch<'q>>,
    /// The fields of ELSE; empty when absent.
    pub otherwise: Vec<Path<'q>>,
}

/// `WHEN Account THEN Phone, Website`.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeOfBranch<'q> {
    /// The type that takes this branch.
    pub object: Name<'q>,
    /// Its fields; never empty.
    pub fields: Vec<Path<'q>>,
}

/// One source of FROM.
#[derive(Debug, Clone, PartialEq)]
pub struct Source<'q> {
    /// An object, a child relationship, or `alias.Relationship`.
    pub path: Path<'q>,
    /// What the rest of the query may call it.
    pub alias: Option<Name<'q>>,
}

/// A field or a function of one.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression<'q> {
    /// A field.
    Path(Path<'q>),
    /// A function's call.
    Call(Call<'q>),
}

impl Expression<'_> {
    /// Where it begins.
    pub fn at(&self) -> Position {
        match self {
            Self::Path(path) => path.at,
            Self::Call(call) => call.at,
        }
    }
}

/// `FUNCTION(argument, …)`. Number and sort of the arguments are as the function wants them.
#[derive(Debug, Clone, PartialEq)]
pub struct Call<'q> {
    /// Where it begins.
    pub at: Position,
    /// The function.
    pub function: Function,
    /// What it is called with; empty for `COUNT()` only.
    pub arguments: Vec<Argument<'q>>,
}

/// What a function is called with.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument<'q> {
    /// A field or a nested call.
    Expression(Expression<'q>),
    /// A constant: coordinates, the unit of a distance.
    Literal(Literal<'q>),
}

/// WITH.
#[derive(Debug, Clone, PartialEq)]
pub enum With<'q> {
    /// `SECURITY_ENFORCED`
    SecurityEnforced,
    /// `USER_MODE`
    UserMode,
    /// `SYSTEM_MODE`
    SystemMode,
    /// `DATA CATEGORY Geography ABOVE usa__c AND …`
    DataCategory(Vec<DataCategory<'q>>),
    /// `RecordVisibilityContext (maxDescriptorPerRecord=100, …)`
    RecordVisibility(Vec<(Name<'q>, Literal<'q>)>),
}

/// One condition on a data category group.
#[derive(Debug, Clone, PartialEq)]
pub struct DataCategory<'q> {
    /// The group.
    pub group: Name<'q>,
    /// Which categories count, seen from the named ones.
    pub selector: CategorySelector,
    /// The categories; never empty.
    pub categories: Vec<Name<'q>>,
}

/// Which data categories count, seen from a named one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CategorySelector {
    /// It alone.
    At,
    /// It and what contains it.
    Above,
    /// It and what it contains.
    Below,
    /// All three.
    AboveOrBelow,
}

/// GROUP BY.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupBy<'q> {
    /// Which subtotals are added.
    pub subtotals: Subtotals,
    /// What is grouped by; never empty.
    pub expressions: Vec<Expression<'q>>,
}

/// The subtotals of a GROUP BY.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subtotals {
    /// None.
    Plain,
    /// Of each leading part of the list.
    Rollup,
    /// Of every combination.
    Cube,
}

/// One item of ORDER BY.
#[derive(Debug, Clone, PartialEq)]
pub struct Order<'q> {
    /// What to sort by.
    pub expression: Expression<'q>,
    /// Greatest first.
    pub descending: bool,
    /// Where nulls go. Unsaid means first, ascending or not.
    pub nulls: Option<Nulls>,
}

/// Where ORDER BY puts nulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// Before everything.
    First,
    /// After everything.
    Last,
}

/// A number of rows with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub rows: u32,
    /// Where the number stands.
    pub at: Position,
}

/// What FOR says the records are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// `FOR VIEW`
    View,
    /// `FOR REFERENCE`
    Reference,
    /// `FOR UPDATE`
    Update,
}

/// What UPDATE counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateStatistic {
    /// `TRACKING`
    Tracking,
    /// `VIEWSTAT`
    ViewStat,
}
