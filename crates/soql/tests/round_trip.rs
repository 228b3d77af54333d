//! Whatever tree can be printed is read back the same; whatever text comes in, nothing breaks.

use std::borrow::Cow;

use headwater_soql::ast::{
    Argument, Call, CategorySelector, Comparison, Condition, Count, DataCategory, DateLiteral,
    DateUnit, Expression, FieldGroup, Function, GroupBy, Literal, LiteralValue, Name, Nulls,
    Operand, Operator, Order, Path, Position, Purpose, Query, SelectItem, Source, Subtotals,
    TypeOf, TypeOfBranch, UpdateStatistic, With,
};
use headwater_soql::{SUBQUERY_DEPTH_MAX, parse};
use jiff::Timestamp;
use jiff::civil::Date;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const NOWHERE: fn() -> Position = Position::default;

fn name() -> impl Strategy<Value = Name<'static>> {
    let names: &[&str] = &[
        "Id", "Name", "Account", "Type", "Count", "Scope", "A__c", "_x", "Data", "Order2",
    ];
    select(names).prop_map(|text| Name {
        text,
        at: NOWHERE(),
    })
}

fn path() -> impl Strategy<Value = Path<'static>> {
    let paths: &[&str] = &[
        "Id",
        "Name",
        "Owner.Name",
        "A__r.B__r.C__c",
        "Group.Select.From",
        "End",
    ];
    select(paths).prop_map(|text| Path::new(text, NOWHERE()))
}

fn call_of(function: Function, argument: Expression<'static>) -> Expression<'static> {
    Expression::Call(Call {
        at: NOWHERE(),
        function,
        arguments: vec![Argument::Expression(argument)],
    })
}

fn expression() -> impl Strategy<Value = Expression<'static>> {
    let plain: Vec<_> = Function::all()
        .filter(|f| !matches!(f, Function::Distance | Function::Geolocation))
        .collect();
    let parts: Vec<_> = Function::all().filter(|f| f.is_date_part()).collect();
    prop_oneof![
        4 => path().prop_map(Expression::Path),
        2 => (select(plain), path()).prop_map(|(f, path)| call_of(f, Expression::Path(path))),
        1 => (select(parts), path()).prop_map(|(f, path)| {
            call_of(f, call_of(Function::ConvertTimezone, Expression::Path(path)))
        }),
        1 => Just(Expression::Call(Call {
            at: NOWHERE(), function: Function::Count, arguments: Vec::new(),
        })),
        1 => (path(), number(), number()).prop_map(|(path, a, b)| distance(path, a, b)),
    ]
}

fn distance(path: Path<'static>, a: &'static str, b: &'static str) -> Expression<'static> {
    let literal = |value| {
        Argument::Literal(Literal {
            at: NOWHERE(),
            value,
        })
    };
    let place = Expression::Call(Call {
        at: NOWHERE(),
        function: Function::Geolocation,
        arguments: vec![
            literal(LiteralValue::Number(a)),
            literal(LiteralValue::Number(b)),
        ],
    });
    Expression::Call(Call {
        at: NOWHERE(),
        function: Function::Distance,
        arguments: vec![
            Argument::Expression(Expression::Path(path)),
            Argument::Expression(place),
            literal(LiteralValue::Text(Cow::Borrowed("km"))),
        ],
    })
}

fn number() -> impl Strategy<Value = &'static str> {
    select(
        &[
            "0",
            "-1",
            "+2.50",
            ".5",
            "1e3",
            "1.5E-7",
            "99999999999999999999",
        ][..],
    )
}

fn unit() -> impl Strategy<Value = DateUnit> {
    select(vec![
        DateUnit::Day,
        DateUnit::Week,
        DateUnit::Month,
        DateUnit::Quarter,
        DateUnit::Year,
        DateUnit::FiscalQuarter,
        DateUnit::FiscalYear,
    ])
}

fn date_literal() -> impl Strategy<Value = DateLiteral> {
    prop_oneof![
        unit().prop_map(DateLiteral::Last),
        unit().prop_map(DateLiteral::This),
        unit().prop_map(DateLiteral::Next),
        (unit(), any::<u32>()).prop_map(|(unit, n)| DateLiteral::LastN(unit, n)),
        (unit(), any::<u32>()).prop_map(|(unit, n)| DateLiteral::NextN(unit, n)),
        (unit(), any::<u32>()).prop_map(|(unit, n)| DateLiteral::Ago(unit, n)),
    ]
}

fn literal() -> impl Strategy<Value = Literal<'static>> {
    let value = prop_oneof![
        Just(LiteralValue::Null),
        any::<bool>().prop_map(LiteralValue::Boolean),
        number().prop_map(LiteralValue::Number),
        any::<String>().prop_map(|text| LiteralValue::Text(Cow::Owned(text))),
        (1700i16..=4000, 1i8..=12, 1i8..=28)
            .prop_map(|(y, m, d)| LiteralValue::Date(Date::new(y, m, d).expect("a date"))),
        // From 1900 to 2200, in microseconds.
        (-2_208_988_800_000_000i64..7_258_118_400_000_000).prop_map(|at| LiteralValue::DateTime(
            Timestamp::from_microsecond(at).expect("in range")
        )),
        date_literal().prop_map(LiteralValue::DateLiteral),
        select(&["5", "5.25", "-5", "-5.5"][..]).prop_map(|amount| LiteralValue::Currency {
            code: "EUR",
            amount
        }),
    ];
    value.prop_map(|value| Literal {
        at: NOWHERE(),
        value,
    })
}

fn pattern() -> impl Strategy<Value = Literal<'static>> {
    vec("(\\\\%|\\\\_|\\\\\\\\|%|_|'|\n|[^\\\\]){0,5}", 1..3).prop_map(|pieces| Literal {
        at: NOWHERE(),
        value: LiteralValue::Pattern(Cow::Owned(pieces.concat())),
    })
}

fn comparison() -> impl Strategy<Value = Comparison<'static>> {
    let plain = vec![
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
    ];
    let sets = vec![
        Operator::In,
        Operator::NotIn,
        Operator::Includes,
        Operator::Excludes,
    ];
    let right = prop_oneof![
        (select(plain), literal().prop_map(Operand::Literal)),
        (select(sets), vec(literal(), 1..4).prop_map(Operand::List)),
        (Just(Operator::Like), pattern().prop_map(Operand::Literal)),
        (select(vec![Operator::In, Operator::NotIn]), semi_join()),
    ];
    (expression(), right).prop_map(|(left, (operator, right))| Comparison {
        left,
        operator,
        operator_at: NOWHERE(),
        right,
    })
}

fn semi_join() -> impl Strategy<Value = Operand<'static>> {
    let condition = (expression(), literal()).prop_map(|(left, literal)| {
        Condition::Comparison(Comparison {
            left,
            operator: Operator::Equal,
            operator_at: NOWHERE(),
            right: Operand::Literal(literal),
        })
    });
    let source = (path(), option::of(name())).prop_map(|(path, alias)| Source { path, alias });
    let whole = (
        path(),
        vec(source, 1..3),
        option::of(name()),
        option::of(condition),
    );
    whole.prop_map(|(field, from, scope, condition)| {
        Operand::Subquery(Box::new(Query {
            select: vec![SelectItem::Expression {
                expression: Expression::Path(field),
                alias: None,
            }],
            from,
            scope,
            condition,
            ..Query::default()
        }))
    })
}

fn condition() -> impl Strategy<Value = Condition<'static>> {
    let leaf = comparison().prop_map(Condition::Comparison);
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Condition::And),
            vec(inner.clone(), 2..4).prop_map(Condition::Or),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

fn select_item() -> impl Strategy<Value = SelectItem<'static>> {
    let groups = vec![FieldGroup::All, FieldGroup::Custom, FieldGroup::Standard];
    prop_oneof![
        5 => (expression(), option::of(name()))
            .prop_map(|(expression, alias)| SelectItem::Expression { expression, alias }),
        1 => select(groups).prop_map(|group| SelectItem::Fields { group, at: NOWHERE() }),
        1 => type_of().prop_map(SelectItem::TypeOf),
    ]
}

fn type_of() -> impl Strategy<Value = TypeOf<'static>> {
    let branch =
        (name(), vec(path(), 1..3)).prop_map(|(object, fields)| TypeOfBranch { object, fields });
    (path(), vec(branch, 1..3), vec(path(), 0..3)).prop_map(
        |(relationship, branches, otherwise)| TypeOf {
            at: NOWHERE(),
            relationship,
            branches,
            otherwise,
        },
    )
}

fn with() -> impl Strategy<Value = With<'static>> {
    let selectors = vec![
        CategorySelector::At,
        CategorySelector::Above,
        CategorySelector::Below,
        CategorySelector::AboveOrBelow,
    ];
    let category =
        (name(), select(selectors), vec(name(), 1..3)).prop_map(|(group, selector, categories)| {
            DataCategory {
                group,
                selector,
                categories,
            }
        });
    prop_oneof![
        Just(With::SecurityEnforced),
        Just(With::UserMode),
        Just(With::SystemMode),
        vec(category, 1..3).prop_map(With::DataCategory),
        vec((name(), literal()), 1..3).prop_map(With::RecordVisibility),
    ]
}

fn group_by() -> impl Strategy<Value = GroupBy<'static>> {
    let subtotals = vec![Subtotals::Plain, Subtotals::Rollup, Subtotals::Cube];
    (select(subtotals), vec(expression(), 1..3)).prop_map(|(subtotals, expressions)| GroupBy {
        subtotals,
        expressions,
    })
}

fn order() -> impl Strategy<Value = Order<'static>> {
    let nulls = option::of(select(vec![Nulls::First, Nulls::Last]));
    (expression(), any::<bool>(), nulls).prop_map(|(expression, descending, nulls)| Order {
        expression,
        descending,
        nulls,
    })
}

fn count() -> impl Strategy<Value = Count> {
    any::<u32>().prop_map(|rows| Count {
        rows,
        at: NOWHERE(),
    })
}

fn flat_query() -> impl Strategy<Value = Query<'static>> {
    let source = (path(), option::of(name())).prop_map(|(path, alias)| Source { path, alias });
    let head = (
        vec(select_item(), 1..4),
        vec(source, 1..3),
        option::of(name()),
    );
    let conditions = (
        option::of(condition()),
        option::of(with()),
        option::of(group_by()),
        option::of(condition()),
    );
    let purposes = vec![Purpose::View, Purpose::Reference, Purpose::Update];
    let updates = vec![UpdateStatistic::Tracking, UpdateStatistic::ViewStat];
    let tail = (
        vec(order(), 0..3),
        option::of(count()),
        option::of(count()),
        vec(select(purposes), 0..2),
        vec(select(updates), 0..3),
    );
    (head, conditions, tail).prop_map(|(head, conditions, tail)| Query {
        at: NOWHERE(),
        select: head.0,
        from: head.1,
        scope: head.2,
        condition: conditions.0,
        with: conditions.1,
        group_by: conditions.2,
        having: conditions.3,
        order_by: tail.0,
        limit: tail.1,
        offset: tail.2,
        purposes: tail.3,
        updates: tail.4,
    })
}

/// Queries within queries, as deep as they may be: semi-joins make the last level.
fn query() -> impl Strategy<Value = Query<'static>> {
    let within = |inner: BoxedStrategy<Query<'static>>| {
        (flat_query(), vec(inner, 0..3)).prop_map(|(mut query, children)| {
            let children = children.into_iter();
            let children = children.map(|child| SelectItem::Subquery(Box::new(child)));
            query.select.extend(children);
            query
        })
    };
    let depth = u32::try_from(SUBQUERY_DEPTH_MAX - 2).expect("a small number");
    flat_query().prop_recursive(depth, 6, 2, within)
}

/// Text made of the words and signs of SOQL in no order.
fn word_salad() -> impl Strategy<Value = String> {
    let words: &[&str] = &[
        "SELECT",
        "FROM",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        ",",
        ".",
        "=",
        "!=",
        "<",
        "IN",
        "LIKE",
        "INCLUDES",
        "'a'",
        "'\\",
        "'",
        "1",
        "-",
        "2026-01-31",
        "2026-01-31T00:00:00Z",
        "TODAY",
        "LAST_N_DAYS",
        ":",
        "NULL",
        "Id",
        "Name",
        "COUNT",
        "FIELDS",
        "ALL",
        "TYPEOF",
        "WHEN",
        "THEN",
        "ELSE",
        "END",
        "GROUP",
        "BY",
        "ROLLUP",
        "HAVING",
        "ORDER",
        "DESC",
        "NULLS",
        "FIRST",
        "LIMIT",
        "OFFSET",
        "FOR",
        "VIEW",
        "UPDATE",
        "TRACKING",
        "ROWS",
        "USING",
        "SCOPE",
        "WITH",
        "DATA",
        "CATEGORY",
        "AT",
        "DISTANCE",
        "GEOLOCATION",
        "USD5",
        "é",
        "😀",
        "\n",
    ];
    vec(select(words), 0..40).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn a_printed_tree_is_read_back_as_the_same_tree(query in query()) {
        let text = query.to_string();
        match parse(&text) {
            Ok(parsed) => prop_assert_eq!(parsed, query),
            Err(error) => prop_assert!(false, "{}", error.render(&text)),
        }
    }

    #[test]
    fn no_text_breaks_the_parser(text in any::<String>(), salad in word_salad()) {
        for text in [text, format!("SELECT {salad}"), format!("SELECT Id FROM T WHERE {salad}")] {
            match parse(&text) {
                Ok(parsed) => {
                    let printed = parsed.to_string();
                    prop_assert_eq!(parse(&printed).unwrap().to_string(), printed);
                }
                Err(error) => prop_assert!(!error.render(&text).is_empty()),
            }
        }
    }
}
