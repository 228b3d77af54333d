//! SOSL: what is read is what was meant, what is printed is read back the same, and what is wrong is
//! said.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use headwater_soql::SoqlErrorKind;
use headwater_soql::search::{Character, FieldGroup, Term, Word};
use headwater_soql::sosl::{Sought, Statement, parse, term};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

fn find(text: &str) -> Sought {
    match parse(text) {
        Ok(statement) => statement.find,
        Err(error) => panic!("{}", error.render(text)),
    }
}

fn word(text: &str) -> Sought {
    Sought::Word(text.chars().map(Character::Plain).collect())
}

fn not(inner: Sought) -> Sought {
    Sought::Not(Box::new(inner))
}

#[test]
fn words_side_by_side_are_joined_by_and() {
    let both = Sought::And(vec![word("ann"), word("lee")]);
    assert_eq!(find("FIND {ann lee}"), both);
    assert_eq!(find("find{ ann and\nlee }"), both);
    assert_eq!(find("FIND {(ann) AND (lee)}"), both);
}

#[test]
fn or_is_weaker_than_and_and_parentheses_are_stronger() {
    let [a, b, c] = ["a1", "b1", "c1"].map(word);
    let (a, b, c) = (|| a.clone(), || b.clone(), || c.clone());
    let either = Sought::Or(vec![Sought::And(vec![a(), b()]), c()]);
    assert_eq!(find("FIND {a1 AND b1 OR c1}"), either);
    let all = Sought::And(vec![a(), Sought::Or(vec![b(), c()])]);
    assert_eq!(find("FIND {a1 AND (b1 OR c1)}"), all);
    let without = Sought::And(vec![a(), not(Sought::And(vec![b(), c()]))]);
    assert_eq!(find("FIND {a1 AND NOT b1 AND c1}"), without);
    let without = Sought::Or(vec![Sought::And(vec![a(), not(b())]), c()]);
    assert_eq!(find("FIND {a1 AND NOT b1 OR c1}"), without);
}

#[test]
fn a_backslash_takes_a_characters_meaning() {
    assert_eq!(find(r"FIND {a\}b}"), word("a}b"));
    assert_eq!(
        find(r"FIND {\(415\) 555\-1212}"),
        Sought::And(vec![word("(415)"), word("555-1212")])
    );
    assert_eq!(
        find(r#"FIND {"a \"b\" AND c"}"#),
        Sought::Phrase(r#"a "b" AND c"#.chars().map(Character::Plain).collect())
    );
    assert_eq!(find(r"FIND {a\*}"), word("a*"));
    assert_eq!(
        find("FIND {a*}"),
        Sought::Word(vec![Character::Plain('a'), Character::Any])
    );
    // What only means something elsewhere is a character like others.
    assert_eq!(find("FIND {it's-x+y}"), word("it's-x+y"));
}

#[test]
fn every_clause_is_read() {
    let text = "FIND {ann} IN NAME FIELDS RETURNING Account(Id, Owner.Name WHERE Name LIKE 'A%' \
                ORDER BY Name DESC NULLS LAST LIMIT 3 OFFSET 2), Contact, Lead(LIMIT 5) \
                WITH SNIPPET (target_length=120) WITH METADATA = 'LABELS' \
                WITH SPELL_CORRECTION = false LIMIT 20 UPDATE TRACKING";
    let statement = parse(text).unwrap();
    assert_eq!(statement.group, FieldGroup::Name);
    assert_eq!(statement.returning.len(), 3);
    assert_eq!(statement.limit.unwrap().rows, 20);
    assert_eq!(statement.to_string(), text);
}

fn message(text: &str) -> String {
    let error = match parse(text) {
        Ok(statement) => term(&statement.find).unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind, SoqlErrorKind::MalformedSearch, "{text}");
    error.message
}

#[test]
fn what_is_wrong_is_said() {
    let no_term = "No search term found. The search term must be enclosed in braces.";
    for text in [
        "FIND",
        "FIND ann",
        "FIND 'ann'",
        "FIND {}",
        "FIND { }",
        "FIND {ann",
        r"FIND {ann\}",
    ] {
        assert_eq!(message(text), no_term, "{text}");
    }
    let wrong = [
        ("SELECT Id", "unexpected token: 'SELECT'"),
        ("FIND {ann AND}", "unexpected token: '}'"),
        ("FIND {OR ann}", "unexpected token: 'OR'"),
        ("FIND {NOT ann}", "unexpected token: 'NOT'"),
        ("FIND {(ann}", "expecting a right parentheses"),
        ("FIND {ann)}", "unexpected token: ')'"),
        ("FIND {\"ann}", "a quote is not closed"),
        (
            "FIND {a}",
            "search term must be longer than one character: a",
        ),
        (
            "FIND {*ann}",
            "search term must not begin with a wildcard: *ann",
        ),
        (
            "FIND {ann AND ?x}",
            "search term must not begin with a wildcard: ?x",
        ),
        ("FIND {--}", "search term must hold a letter or a digit: --"),
        ("FIND {ann} IN FIELDS", "unexpected token: 'FIELDS'"),
        ("FIND {ann} RETURNING", "unexpected token: '<EOF>'"),
        (
            "FIND {ann} RETURNING Account(Id",
            "expecting a right parentheses, found '<EOF>'",
        ),
        ("FIND {ann} LIMIT x", "unexpected token: 'x'"),
        ("FIND {ann} WITH MAGIC", "unexpected token: 'MAGIC'"),
    ];
    for (text, expected) in wrong {
        assert_eq!(message(text), expected, "{text}");
    }
    let deep = format!("FIND {{{}ann{}}}", "(".repeat(200), ")".repeat(200));
    assert_eq!(
        message(&deep),
        "searches can be nested at most 100 levels deep"
    );
    let many = format!("FIND {{{}}}", "ann ".repeat(200));
    assert_eq!(message(&many), "a search can have at most 100 words");
    let long = format!("FIND {{{}}}", "x".repeat(10_000));
    assert_eq!(
        message(&long),
        "SOSL statements cannot be longer than 10000 characters."
    );
}

#[test]
fn one_character_is_a_word_where_a_script_has_such() {
    let japanese = term(&find("FIND {東}")).unwrap();
    assert_eq!(japanese, Term::Phrase(vec![Word::Whole("東".to_owned())]));
}

fn characters(begins: bool) -> impl Strategy<Value = Vec<Character>> {
    let plain = select("abé}{()\"'\\-+*?&|!^~:[] 東".chars().collect::<Vec<_>>());
    let plain = plain.prop_map(Character::Plain);
    let any = prop_oneof![
        6 => plain,
        1 => Just(Character::Any),
        1 => Just(Character::One),
    ];
    vec(any, 0..6).prop_map(move |mut text| {
        if begins {
            // A word holds no space, and none of the words that join.
            text.retain(|c| *c != Character::Plain(' '));
            text.insert(0, Character::Plain('x'));
        }
        text
    })
}

fn sought() -> impl Strategy<Value = Sought> {
    let leaf = prop_oneof![
        characters(true).prop_map(Sought::Word),
        characters(false).prop_map(Sought::Phrase),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        let is_all = |one: &Sought| {
            matches!(one, Sought::And(parts)
            if !matches!(parts.last(), Some(Sought::Not(_))))
        };
        prop_oneof![
            (vec(inner.clone(), 1..3), inner.clone(), any::<bool>()).prop_map(
                move |(mut parts, last, unwanted)| {
                    parts.retain(|part| !is_all(part));
                    let last = if unwanted { not(last) } else { last };
                    match (parts.is_empty(), last) {
                        (true, Sought::Not(inner)) => *inner,
                        (true, last) => last,
                        (false, last) if is_all(&last) => parts.swap_remove(0),
                        (false, last) => {
                            parts.push(last);
                            Sought::And(parts)
                        }
                    }
                }
            ),
            vec(inner, 2..4).prop_map(Sought::Or),
        ]
    })
}

const TAIL: &str = "RETURNING Account(Id, toLabel(Type) t WHERE (A = 1 OR B = 2) AND C != NULL \
     USING ListView = Recent ORDER BY A, B DESC LIMIT 3 OFFSET 2), Contact, Lead(Id), \
     User(LIMIT 1) WITH DIVISION = 'x' WITH DATA CATEGORY Geography ABOVE usa__c \
     WITH HIGHLIGHT WITH NETWORK IN ('a', 'b') WITH PricebookId = 'p' WITH SNIPPET \
     WITH SNIPPET (target_length=9) WITH SPELL_CORRECTION = true LIMIT 7 UPDATE VIEWSTAT";

fn statement() -> impl Strategy<Value = Statement<'static>> {
    let whole = || parse(Box::leak(format!("FIND {{x1}} {TAIL}").into_boxed_str())).unwrap();
    let all = whole();
    let returning = subsequence(all.returning, 0..=4);
    let with = subsequence(all.with, 0..=8);
    let group = select(FieldGroup::ALL.to_vec());
    (sought(), group, returning, with, any::<bool>()).prop_map(
        move |(find, group, returning, with, ends)| Statement {
            find,
            group,
            returning,
            with,
            limit: all.limit.filter(|_| ends),
            updates: if ends {
                all.updates.clone()
            } else {
                Vec::new()
            },
        },
    )
}

proptest! {
    #[test]
    fn a_printed_search_is_read_back_as_the_same(statement in statement()) {
        let text = statement.to_string();
        match parse(&text) {
            Ok(parsed) => prop_assert_eq!(parsed, statement),
            Err(error) => prop_assert!(false, "{}", error.render(&text)),
        }
    }

    #[test]
    fn no_text_breaks_the_parser(text in any::<String>(), inner in "[ab*?()\"\\\\{} ]{0,20}|(AND |OR |NOT |x ){0,8}") {
        for text in [text, format!("FIND {{{inner}}}"), format!("FIND {{x1}} {inner}")] {
            match parse(&text) {
                Ok(parsed) => {
                    let printed = parsed.to_string();
                    prop_assert_eq!(parse(&printed).unwrap().to_string(), printed);
                    let _ = term(&parsed.find);
                }
                Err(error) => prop_assert!(!error.render(&text).is_empty()),
            }
        }
    }
}
