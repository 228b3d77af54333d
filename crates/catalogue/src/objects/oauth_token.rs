//! A token that was given out: an access token, which is also what the console keeps in its cookie,
//! a refresh token, an authorization code, or a link that logs in to the console once. Only its keyed hash is kept; a revoked token is a deleted row, and with it
//! goes everything it was exchanged for.

use crate::{Access, Calls, Choice, Columns, Field, Index, Object, OnDelete, SystemFields};

const KINDS: &[Choice] = &Choice::list(["Access", "Refresh", "Code", "Link"]);
const CHALLENGE_METHODS: &[Choice] = &Choice::list(["S256", "plain"]);

const EXPIRY: Columns = &[Index::ascending("ExpiresAt")];
const INDEXES: &[Index] = &[Index::on(EXPIRY)];

const FIELDS: &[Field] = &[
    Field::text("TokenHash", 64).required().unique().case_sensitive(),
    Field::restricted_picklist("Kind", KINDS).required(),
    Field::reference("UserId", "User").required().on_delete(OnDelete::Cascade),
    // None: the server's own console and its SOAP login.
    Field::reference("AppId", "ConnectedApplication").on_delete(OnDelete::Cascade),
    // The code, link or refresh token it was exchanged for.
    Field::reference("IssuedForId", "OauthToken").on_delete(OnDelete::Cascade),
    Field::text("Scope", 1_000),
    // None: until it is revoked.
    Field::datetime("ExpiresAt"),
    Field::datetime("LastUsedDate"),
    Field::integer("UseCount", 9),
    Field::text("RemoteAddress", 45),
    // What the authorization code must be redeemed with.
    Field::text("CodeChallenge", 128).case_sensitive(),
    Field::restricted_picklist("CodeChallengeMethod", CHALLENGE_METHODS),
    Field::text("RedirectUri", 2_000).case_sensitive(),
    Field::text("Nonce", 255).case_sensitive(),
];

/// A token.
pub const OBJECT: Object = Object::new("OauthToken", "0CQ", FIELDS)
    .label("OAuth Token", "OAuth Tokens")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::NONE)
    .access(Access::Internal)
    .indexes(INDEXES);
