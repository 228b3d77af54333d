//! SOSL: what is searched for in several objects at once.
//!
//! [`parse`] turns a search's text into a [`Statement`] that borrows from it; printing one gives
//! canonical SOSL back. What stands in the parentheses behind an object is SOQL, read and resolved
//! by SOQL's own rules.

mod braces;
mod parser;
mod print;
mod resolve;

use crate::ast::{
    Condition, Count, DataCategory, Literal, Name, Order, SelectItem, UpdateStatistic,
};
use crate::search::{Character, FieldGroup};

pub use parser::{SEARCH_CHARACTERS_MAX, parse};
pub use resolve::{OBJECTS_MAX, SEARCH_ROWS_MAX, SINGLE_ROWS_MAX, resolve, term};

/// A whole search.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement<'q> {
    /// What is looked for.
    pub find: Sought,
    /// In which fields; all if nothing is said.
    pub group: FieldGroup,
    /// Of which objects; empty for all that are searched.
    pub returning: Vec<Returning<'q>>,
    /// WITH, each on its own.
    pub with: Vec<With<'q>>,
    /// The most records of all objects together.
    pub limit: Option<Count>,
    /// UPDATE TRACKING, UPDATE VIEWSTAT.
    pub updates: Vec<UpdateStatistic>,
}

/// What stands between the braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// A word, or what looks like one.
    Word(Vec<Character>),
    /// Words in quotes.
    Phrase(Vec<Character>),
    /// All of these; the last one may be a [`Sought::Not`].
    And(Vec<Sought>),
    /// One of these.
    Or(Vec<Sought>),
    /// Not this; only the last part of a [`Sought::And`].
    Not(Box<Sought>),
}

/// One object of RETURNING.
#[derive(Debug, Clone, PartialEq)]
pub struct Returning<'q> {
    /// The object.
    pub object: Name<'q>,
    /// What is shown of its records; empty for the id alone.
    pub select: Vec<SelectItem<'q>>,
    /// WHERE.
    pub condition: Option<Condition<'q>>,
    /// USING `ListView`.
    pub list_view: Option<Name<'q>>,
    /// ORDER BY; empty when absent.
    pub order_by: Vec<Order<'q>>,
    /// LIMIT.
    pub limit: Option<Count>,
    /// OFFSET.
    pub offset: Option<Count>,
}

/// WITH.
#[derive(Debug, Clone, PartialEq)]
pub enum With<'q> {
    /// `DIVISION = 'Global'`
    Division(Literal<'q>),
    /// `DATA CATEGORY Geography ABOVE usa__c AND …`
    DataCategory(Vec<DataCategory<'q>>),
    /// `HIGHLIGHT`
    Highlight,
    /// `METADATA = 'LABELS'`
    Metadata(Literal<'q>),
    /// `NETWORK = '0DB…'`, `NETWORK IN ('0DB…', …)`
    Network(Vec<Literal<'q>>),
    /// `PricebookId = '01s…'`
    PricebookId(Literal<'q>),
    /// `SNIPPET`, `SNIPPET (target_length=120)`
    Snippet(Option<Count>),
    /// `SPELL_CORRECTION = false`
    SpellCorrection(bool),
}
