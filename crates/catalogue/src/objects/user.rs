//! A person or program that uses the server.
//!
//! Never deleted: `IsActive` switches a user off.

use super::shared::{
    GEOCODE_ACCURACIES, GROUP_OR_USER, HOURS_OF_DAY, LANGUAGES, LOCALES, TIME_ZONES, USER_TYPES,
    switch,
};
use crate::{
    Access, Calls, Choice, Field, Formula, Object, OnDelete, SearchClass, SystemFields,
    SystemPermission,
};

const EMAIL_ENCODING_KEYS: &[Choice] = &Choice::labelled_list([
    ("UTF-8", "Unicode (UTF-8)"),
    ("ISO-8859-1", "General US & Western Europe (ISO-8859-1, ISO-LATIN-1)"),
    ("Shift_JIS", "Japanese (Shift-JIS)"),
    ("ISO-2022-JP", "Japanese (JIS)"),
    ("EUC-JP", "Japanese (EUC)"),
    ("ks_c_5601-1987", "Korean (ks_c_5601-1987)"),
    ("Big5", "Traditional Chinese (Big5)"),
    ("GB2312", "Simplified Chinese (GB2312)"),
    ("Big5-HKSCS", "Traditional Chinese Hong Kong (Big5-HKSCS)"),
    ("x-SJIS_0213", "Japanese (Shift-JIS_2004)"),
]);

const DIGEST_FREQUENCIES: &[Choice] =
    &Choice::labelled_list([("D", "Daily"), ("W", "Weekly"), ("N", "Never")]);

const DEFAULT_GROUP_NOTIFICATION_FREQUENCIES: &[Choice] = &Choice::labelled_list([
    ("P", "Email on Each Post"),
    ("D", "Daily Digests"),
    ("W", "Weekly Digests"),
    ("N", "Never"),
]);

const FIELDS: &[Field] = &[
    Field::text("Username", 80)
        .searched_as(SearchClass::Email)
        .editable()
        .required()
        .unique()
        .id_lookup(),
    Field::text("LastName", 80).unsearched().label("Last Name").editable().required(),
    Field::text("FirstName", 40).unsearched().label("First Name").editable(),
    // First and last name joined, kept by the rules of people so that it is sorted and searched by.
    Field::text("Name", 121).label("Full Name").required().name_field(),
    Field::text("CompanyName", 80).label("Company Name").editable(),
    Field::text("Division", 80).editable(),
    Field::text("Department", 80).editable(),
    Field::text("Title", 80).editable(),
    Field::text_area("Street", 255).editable(),
    Field::text("City", 40).editable(),
    Field::text("State", 80).label("State/Province").editable(),
    Field::text("PostalCode", 20).label("Zip/Postal Code").editable(),
    Field::text("Country", 80).editable(),
    Field::double("Latitude", 18, 15).editable(),
    Field::double("Longitude", 18, 15).editable(),
    Field::picklist("GeocodeAccuracy", GEOCODE_ACCURACIES).label("Geocode Accuracy").editable(),
    Field::address("Address", ""),
    Field::email("Email").editable().required(),
    switch("EmailPreferencesAutoBcc", "AutoBcc"),
    switch("EmailPreferencesAutoBccStayInTouch", "AutoBccStayInTouch"),
    switch("EmailPreferencesStayInTouchReminder", "StayInTouchReminder"),
    Field::email("SenderEmail").label("Email Sender Address").editable(),
    Field::text("SenderName", 80).label("Email Sender Name").editable(),
    Field::text_area("Signature", 1333).label("Email Signature").editable().filterable().sortable(),
    Field::text("StayInTouchSubject", 80).label("Stay-in-Touch Email Subject").editable(),
    Field::text_area("StayInTouchSignature", 512)
        .label("Stay-in-Touch Email Signature")
        .editable()
        .filterable()
        .sortable(),
    Field::text("StayInTouchNote", 512).label("Stay-in-Touch Email Note").editable().ungroupable(),
    Field::phone("Phone").editable(),
    Field::phone("Fax").editable(),
    Field::phone("MobilePhone").label("Mobile").editable(),
    Field::text("Alias", 8).editable().required(),
    // Salesforce makes one up when it is left out; here it may be empty.
    Field::text("CommunityNickname", 40).label("Nickname").editable().unique(),
    Field::text("BadgeText", 80).label("User Photo badge text overlay").formula(Formula::Unfilled),
    Field::boolean("IsActive").label("Active").editable().ticked(),
    Field::picklist("TimeZoneSidKey", TIME_ZONES).label("Time Zone").editable().required(),
    Field::reference("UserRoleId", "UserRole").label("Role ID").editable().children("Users"),
    Field::picklist("LocaleSidKey", LOCALES).label("Locale").editable().required(),
    Field::boolean("ReceivesInfoEmails").label("Info Emails").editable(),
    Field::boolean("ReceivesAdminInfoEmails").label("Admin Info Emails").editable(),
    Field::picklist("EmailEncodingKey", EMAIL_ENCODING_KEYS)
        .label("Email Encoding")
        .editable()
        .required(),
    Field::reference("ProfileId", "Profile")
        .label("Profile ID")
        .editable()
        .required()
        .children("Users")
        .on_delete(OnDelete::Restrict),
    Field::picklist("UserType", USER_TYPES).label("User Type").default_text("Standard"),
    Field::picklist("StartDay", HOURS_OF_DAY).label("Start of Day").editable(),
    Field::picklist("EndDay", HOURS_OF_DAY).label("End of Day").editable(),
    Field::picklist("LanguageLocaleKey", LANGUAGES).label("Language").editable().required(),
    Field::text("EmployeeNumber", 20).label("Employee Number").editable(),
    Field::polymorphic("DelegatedApproverId", GROUP_OR_USER)
        .without_relationship()
        .label("Delegated Approver ID")
        .editable(),
    Field::reference("ManagerId", "User").label("Manager ID").editable().children("ManagedUsers"),
    Field::datetime("LastLoginDate").label("Last Login"),
    Field::datetime("LastPasswordChangeDate").label("Last Password Change or Reset"),
    Field::datetime("PasswordExpirationDate").label("Password Expiration Date"),
    Field::integer("NumberOfFailedLogins", 9).label("Failed Login Attempts"),
    Field::boolean("ForecastEnabled").label("Allow Forecasting").editable(),
    Field::boolean("HasUserVerifiedPhone").label("User Verified Mobile Number"),
    Field::boolean("HasUserVerifiedEmail").label("User Verified Email"),
    Field::reference("ContactId", "Contact")
        .label("Contact ID")
        .editable()
        .children("Users")
        .on_delete(OnDelete::Restrict),
    Field::reference("AccountId", "Account")
        .label("Account ID")
        .children("Users")
        .inherited("Contact.AccountId"),
    Field::phone("Extension").editable(),
    Field::text("FederationIdentifier", 512).label("SAML Federation ID").editable().ungroupable(),
    Field::text_area("AboutMe", 1_000).label("About Me").editable().filterable().sortable(),
    Field::url("FullPhotoUrl", 1024)
        .label("Url for full-sized Photo")
        .ungroupable()
        .formula(Formula::Unfilled),
    Field::url("SmallPhotoUrl", 1024).label("Photo").ungroupable().formula(Formula::Unfilled),
    Field::boolean("IsExtIndicatorVisible").label("Show external indicator"),
    Field::text("OutOfOfficeMessage", 255)
        .label("Out of office message")
        .formula(Formula::Unfilled),
    Field::url("MediumPhotoUrl", 1024)
        .label("URL for medium profile photo")
        .ungroupable()
        .formula(Formula::Unfilled),
    Field::picklist("DigestFrequency", DIGEST_FREQUENCIES)
        .label("Chatter Email Highlights Frequency")
        .editable()
        .required()
        .default_text("N"),
    Field::picklist("DefaultGroupNotificationFrequency", DEFAULT_GROUP_NOTIFICATION_FREQUENCIES)
        .label("Default Notification Frequency when Joining Groups")
        .editable()
        .required()
        .default_text("N"),
    Field::url("BannerPhotoUrl", 1024)
        .label("URL for banner photo")
        .ungroupable()
        .formula(Formula::Unfilled),
    Field::url("SmallBannerPhotoUrl", 1024)
        .label("URL for IOS banner photo")
        .ungroupable()
        .formula(Formula::Unfilled),
    Field::url("MediumBannerPhotoUrl", 1024)
        .label("URL for Android banner photo")
        .ungroupable()
        .formula(Formula::Unfilled),
    Field::boolean("IsProfilePhotoActive").label("Has Profile Photo"),
    switch("UserPermissionsMarketingUser", "Marketing User"),
    switch("UserPermissionsInteractionUser", "Flow User"),
    switch("UserPermissionsSupportUser", "Service Cloud User"),
    switch("UserPreferencesEventRemindersCheckboxDefault", "EventRemindersCheckboxDefault"),
    switch("UserPreferencesTaskRemindersCheckboxDefault", "TaskRemindersCheckboxDefault"),
    switch("UserPreferencesLightningExperiencePreferred", "LightningExperiencePreferred"),
];

/// A user.
pub const OBJECT: Object = Object::new("User", "005", FIELDS)
    .label("User", "Users")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { delete: false, undelete: false, ..Calls::ALL })
    .access(Access::SetUp(SystemPermission::ManageUsers))
    .recents();
