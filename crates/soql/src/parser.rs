//! Tokens to syntax tree: one method for each rule of the grammar, one token of lookahead, two
//! where a word is a keyword only before certain others.

use crate::ast::{Name, Path, Query, Source};
use crate::error::{SoqlError, SoqlErrorKind};
use crate::lexer::{Lexer, Token, TokenKind};

mod clauses;
mod condition;
mod expression;
mod literal;
mod select;

/// The longest query, in characters.
pub const QUERY_CHARACTERS_MAX: usize = 100_000;
/// The longest string in a query, in characters after its escapes are resolved.
pub const TEXT_CHARACTERS_MAX: usize = 4_000;
/// How deep conditions may nest, by parentheses and NOT. It bounds the stack that this crate and
/// everything that walks the tree needs.
pub const NESTING_DEPTH_MAX: usize = 100;
/// How deep queries may nest, the outermost counted.
pub const SUBQUERY_DEPTH_MAX: usize = 5;

/// Words that name nothing, neither a field nor an alias.
const RESERVED: [&str; 20] = [
    "AND", "ASC", "DESC", "EXCLUDES", "FIRST", "FROM", "HAVING", "IN", "INCLUDES", "LAST", "LIKE",
    "LIMIT", "NOT", "NULL", "NULLS", "OR", "SELECT", "USING", "WHERE", "WITH",
];
/// No alias either, but the name of an object.
const RESERVED_AS_ALIAS: &str = "GROUP";

/// Reads a query. Names are not looked up; see [`crate::ast`].
///
/// # Errors
/// The first thing in the text that is not SOQL, with its place.
pub fn parse(query: &str) -> Result<Query<'_>, SoqlError> {
    if query.len() > QUERY_CHARACTERS_MAX && query.chars().count() > QUERY_CHARACTERS_MAX {
        return Err(SoqlError::whole(
            SoqlErrorKind::MalformedQuery,
            format!("SOQL statements cannot be longer than {QUERY_CHARACTERS_MAX} characters."),
        ));
    }
    if query.trim().is_empty() {
        return Err(SoqlError::whole(
            SoqlErrorKind::MalformedQuery,
            "SOQL statements cannot be empty or null",
        ));
    }
    let mut parser = Parser::new(query);
    let parsed = parser.query()?;
    match parser.token.kind {
        TokenKind::End => Ok(parsed),
        _ => Err(parser.unexpected()),
    }
}

pub(crate) struct Parser<'q> {
    pub(crate) query: &'q str,
    pub(crate) lexer: Lexer<'q>,
    /// The token to be read next.
    pub(crate) token: Token,
    nesting_depth: usize,
    subquery_depth: usize,
}

/// The rules that hold a query together.
impl<'q> Parser<'q> {
    pub(crate) fn new(query: &'q str) -> Self {
        let mut lexer = Lexer::new(query);
        let token = lexer.next();
        Self {
            query,
            lexer,
            token,
            nesting_depth: 0,
            subquery_depth: 0,
        }
    }

    fn query(&mut self) -> Result<Query<'q>, SoqlError> {
        let at = self.token.at();
        self.expect_word("SELECT")?;
        if self.subquery_depth == SUBQUERY_DEPTH_MAX {
            return Err(SoqlError::malformed(
                at,
                format!("queries can be nested at most {SUBQUERY_DEPTH_MAX} levels deep"),
            ));
        }
        self.subquery_depth += 1;
        let select = self.select_items()?;
        self.expect_word("FROM")?;
        // The order of the fields is the order of the clauses.
        let query = Query {
            at,
            select,
            from: self.list(Self::source)?,
            scope: self.scope()?,
            condition: self.clause("WHERE", Self::condition)?,
            with: self.clause("WITH", Self::with)?,
            group_by: self.clause_by("GROUP", Self::group_by)?,
            having: self.clause("HAVING", Self::condition)?,
            order_by: self
                .clause_by("ORDER", |p| p.list(Self::order))?
                .unwrap_or_default(),
            limit: self.clause("LIMIT", Self::count)?,
            offset: self.clause("OFFSET", Self::count)?,
            purposes: self.purposes()?,
            updates: self.updates()?,
        };
        if self.at_words("ALL", "ROWS") {
            let message = "ALL ROWS not allowed in this context";
            return Err(SoqlError::malformed(self.token.at(), message));
        }
        self.subquery_depth -= 1;
        Ok(query)
    }

    fn source(&mut self) -> Result<Source<'q>, SoqlError> {
        let path = self.path()?;
        let alias = if self.take_word("AS") {
            Some(self.name()?)
        } else {
            self.alias()
        };
        Ok(Source { path, alias })
    }

    fn scope(&mut self) -> Result<Option<Name<'q>>, SoqlError> {
        if !self.take_word("USING") {
            return Ok(None);
        }
        self.expect_word("SCOPE")?;
        self.name().map(Some)
    }

    pub(crate) fn clause<T>(
        &mut self,
        keyword: &str,
        rule: impl FnOnce(&mut Self) -> Result<T, SoqlError>,
    ) -> Result<Option<T>, SoqlError> {
        if !self.take_word(keyword) {
            return Ok(None);
        }
        rule(self).map(Some)
    }

    pub(crate) fn clause_by<T>(
        &mut self,
        keyword: &str,
        rule: impl FnOnce(&mut Self) -> Result<T, SoqlError>,
    ) -> Result<Option<T>, SoqlError> {
        if !self.take_word(keyword) {
            return Ok(None);
        }
        self.expect_word("BY")?;
        rule(self).map(Some)
    }

    /// One or more of a rule, with commas between them.
    pub(crate) fn list<T>(
        &mut self,
        rule: impl Fn(&mut Self) -> Result<T, SoqlError>,
    ) -> Result<Vec<T>, SoqlError> {
        let mut items = vec![rule(self)?];
        while self.take(TokenKind::Comma) {
            items.push(rule(self)?);
        }
        Ok(items)
    }

    pub(crate) fn parenthesised_list<T>(
        &mut self,
        rule: impl Fn(&mut Self) -> Result<T, SoqlError>,
    ) -> Result<Vec<T>, SoqlError> {
        self.expect(TokenKind::OpenParenthesis)?;
        let items = self.list(rule)?;
        self.expect_close()?;
        Ok(items)
    }
}

/// Names.
impl<'q> Parser<'q> {
    pub(crate) fn name(&mut self) -> Result<Name<'q>, SoqlError> {
        if self.token.kind != TokenKind::Word || self.is_reserved(self.token) {
            return Err(self.unexpected());
        }
        let token = self.advance();
        Ok(Name {
            text: self.lexer.text(token),
            at: token.at(),
        })
    }

    fn path(&mut self) -> Result<Path<'q>, SoqlError> {
        let start = self.token;
        self.name()?;
        let mut end = start.end;
        while self.take(TokenKind::Dot) {
            end = self.token.end;
            // Behind a dot no keyword can stand, so any word is a name.
            self.expect(TokenKind::Word)?;
        }
        Ok(Path::new(&self.query[start.start..end], start.at()))
    }

    /// The alias that may stand here, if the next word is not the beginning of a clause.
    fn alias(&mut self) -> Option<Name<'q>> {
        let is_alias = self.token.kind == TokenKind::Word
            && !self.is_reserved(self.token)
            && !self.at_word(RESERVED_AS_ALIAS)
            && !self.at_clause();
        is_alias.then(|| {
            let token = self.advance();
            Name {
                text: self.lexer.text(token),
                at: token.at(),
            }
        })
    }

    /// Whether a clause begins here whose keyword could be a name elsewhere.
    pub(crate) fn at_clause(&self) -> bool {
        self.at_words("ORDER", "BY")
            || self.at_word("OFFSET") && self.ahead().kind == TokenKind::Number
            || self.at_words("FOR", "VIEW")
            || self.at_words("FOR", "REFERENCE")
            || self.at_words("FOR", "UPDATE")
            || self.at_words("UPDATE", "TRACKING")
            || self.at_words("UPDATE", "VIEWSTAT")
            || self.at_words("ALL", "ROWS")
    }

    fn is_reserved(&self, token: Token) -> bool {
        let text = self.lexer.text(token);
        RESERVED.iter().any(|word| word.eq_ignore_ascii_case(text))
    }
}

/// Tokens.
impl Parser<'_> {
    /// Goes on reading at another place of the text.
    pub(crate) fn go_to(&mut self, place: usize) {
        self.lexer.go_to(place);
        self.token = self.lexer.next();
    }

    pub(crate) fn advance(&mut self) -> Token {
        let token = self.token;
        self.token = self.lexer.next();
        token
    }

    /// The token behind the next one.
    fn ahead(&self) -> Token {
        let mut lexer = self.lexer;
        lexer.next()
    }

    fn is_word(&self, token: Token, word: &str) -> bool {
        token.kind == TokenKind::Word && self.lexer.text(token).eq_ignore_ascii_case(word)
    }

    pub(crate) fn at_word(&self, word: &str) -> bool {
        self.is_word(self.token, word)
    }

    fn at_words(&self, first: &str, second: &str) -> bool {
        self.at_word(first) && self.is_word(self.ahead(), second)
    }

    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let taken = self.at_word(word);
        if taken {
            self.advance();
        }
        taken
    }

    pub(crate) fn take(&mut self, kind: TokenKind) -> bool {
        let taken = self.token.kind == kind;
        if taken {
            self.advance();
        }
        taken
    }

    pub(crate) fn expect_word(&mut self, word: &str) -> Result<(), SoqlError> {
        if self.take_word(word) {
            return Ok(());
        }
        Err(self.unexpected())
    }

    pub(crate) fn expect(&mut self, kind: TokenKind) -> Result<Token, SoqlError> {
        if self.token.kind == kind {
            return Ok(self.advance());
        }
        Err(self.unexpected())
    }

    pub(crate) fn expect_close(&mut self) -> Result<(), SoqlError> {
        match self.token.kind {
            TokenKind::CloseParenthesis => {
                self.advance();
                Ok(())
            }
            TokenKind::UnclosedText | TokenKind::BrokenText => Err(self.unexpected()),
            _ => Err(SoqlError::malformed(
                self.token.at(),
                format!("expecting a right parentheses, found '{}'", self.shown()),
            )),
        }
    }

    pub(crate) fn unexpected(&self) -> SoqlError {
        let at = self.token.at();
        match self.token.kind {
            TokenKind::UnclosedText => SoqlError::malformed(at, "string literal is not closed"),
            TokenKind::BrokenText => {
                SoqlError::malformed(at, "line breaks not allowed in string literals")
            }
            TokenKind::Colon => {
                SoqlError::malformed(at, "Bind variables only allowed in Apex code")
            }
            _ => SoqlError::unexpected_token(at, self.shown()),
        }
    }

    fn shown(&self) -> &str {
        match self.token.kind {
            TokenKind::End => "<EOF>",
            _ => self.lexer.text(self.token),
        }
    }

    /// Runs a rule that may lead back to itself, unless it has done so too often.
    fn nested<T>(
        &mut self,
        rule: impl FnOnce(&mut Self) -> Result<T, SoqlError>,
    ) -> Result<T, SoqlError> {
        if self.nesting_depth == NESTING_DEPTH_MAX {
            return Err(SoqlError::malformed(
                self.token.at(),
                format!("conditions can be nested at most {NESTING_DEPTH_MAX} levels deep"),
            ));
        }
        self.nesting_depth += 1;
        let result = rule(self);
        self.nesting_depth -= 1;
        result
    }
}
