//! An OAuth client: what it is called by, what proves it, and which flows and scopes it may use.
//!
//! A client without secret and certificate is a public one. `PlatformCLI` is there from the start.

use crate::{Access, Calls, Choice, Field, Object, SystemFields, SystemPermission};

/// The scopes that an application can be let have.
const SCOPES: &[Choice] = &Choice::labelled_list([
    ("full", "Full access"),
    ("api", "Manage user data via APIs"),
    ("web", "Manage user data via Web browsers"),
    ("id", "Access the identity URL service"),
    ("openid", "Access unique user identifiers"),
    ("profile", "Access the user's profile"),
    ("email", "Access the user's email address"),
    ("address", "Access the user's address"),
    ("phone", "Access the user's phone number"),
    ("refresh_token", "Perform requests at any time"),
    ("offline_access", "Perform requests at any time (offline)"),
    ("chatter_api", "Access Connect REST API resources"),
    ("custom_permissions", "Access custom permissions"),
    ("pardot_api", "Manage marketing automation services"),
    ("cdp_query_api", "Perform ANSI SQL queries"),
    ("lightning", "Access Lightning applications"),
    ("content", "Access content resources"),
    ("visualforce", "Access Visualforce applications"),
    ("einstein_gpt_api", "Access AI services"),
]);

const FIELDS: &[Field] = &[
    Field::text("Name", 80).label("Connected App Name").editable().required().unique().name_field(),
    Field::text("Description", 255).editable(),
    Field::text("ClientId", 256)
        .label("Consumer Key")
        .set_once()
        .required()
        .unique()
        .case_sensitive()
        .id_lookup(),
    Field::text("SecretHash", 128).case_sensitive().internal(),
    // Public keys in PEM, for the JWT bearer flow and private_key_jwt.
    Field::text_area("Certificate", 32_000).editable(),
    Field::text_area("CallbackUrls", 4_000)
        .label("Callback URLs")
        .editable()
        .help("One per line. A redirect must match one of them exactly."),
    // Empty: every scope.
    Field::multi_picklist("Scopes", SCOPES).editable(),
    Field::reference("RunAsUserId", "User")
        .label("Run As User ID")
        .editable()
        .help("Whom the client credentials flow acts as."),
    Field::boolean("IsActive").label("Active").editable().ticked(),
    Field::boolean("OptionsAllowPasswordFlow").label("Allow Username-Password Flow").editable(),
    Field::boolean("OptionsAllowClientCredentialsFlow")
        .label("Allow Client Credentials Flow")
        .editable(),
    Field::boolean("OptionsAllowJwtBearerFlow").label("Allow JWT Bearer Flow").editable(),
    Field::boolean("OptionsAllowAuthorizationCodeFlow")
        .label("Allow Authorization Code Flow")
        .editable()
        .ticked(),
    Field::boolean("OptionsAllowRefreshToken").label("Allow Refresh Tokens").editable().ticked(),
    Field::boolean("OptionsRequirePkce").label("Require Proof Key for Code Exchange").editable(),
    Field::boolean("OptionsRequireSecretForRefresh")
        .label("Require Secret for Refresh Token Flow")
        .editable(),
    // Each use of a refresh token gives out a new one, and a second use of an old one ends them all.
    Field::boolean("OptionsRotateRefreshToken").label("Rotate Refresh Tokens").editable(),
    // Else a user must have let the application in once before it can log them in by itself.
    Field::boolean("OptionsPreApproved").label("Users Are Pre-Approved").editable().ticked(),
    // In their absence the server's own settings hold.
    Field::integer("AccessTokenSeconds", 9).label("Access Token Lifetime (Seconds)").editable(),
    Field::integer("RefreshTokenDays", 5).label("Refresh Token Lifetime (Days)").editable(),
];

/// A connected app.
pub const OBJECT: Object = Object::new("ConnectedApplication", "0H4", FIELDS)
    .label("Connected App", "Connected Apps")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
