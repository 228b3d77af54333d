//! The files of an SFDX project as custom objects and fields.

use headwater_catalogue::Catalogue;
use headwater_records::{CustomFieldSpec, CustomObjectSpec};
use serde::{Deserialize, Serialize};

use super::xml::{Element, Problem};
use crate::failure::Failure;

const OBJECT_ENDING: &str = ".object-meta.xml";
const FIELD_ENDING: &str = ".field-meta.xml";

/// A file of the project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SourceFile {
    /// Where it is, under the directory that is loaded, with `/` between.
    pub path: String,
    /// What is in it.
    pub content: String,
}

/// Something read from a file, with its place for messages.
#[derive(Debug, Clone)]
pub(super) struct Sourced<T> {
    pub(super) spec: T,
    place: String,
}

impl<T> Sourced<T> {
    /// A failure with the place in front.
    pub(super) fn at(&self, failure: &Failure) -> Failure {
        Failure::new(failure.kind(), format!("{}: {failure}", self.place))
    }
}

/// The custom objects and fields of a project.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) objects: Vec<Sourced<CustomObjectSpec>>,
    pub(super) fields: Vec<Sourced<CustomFieldSpec>>,
    /// Names of what cannot be here, each with place and reason.
    pub(super) unsupported: Vec<(String, String)>,
}

/// Types of fields that Salesforce has and we have not.
const UNSUPPORTED_TYPES: [&str; 8] = [
    "Summary",
    "Location",
    "EncryptedText",
    "Hierarchy",
    "ExternalLookup",
    "IndirectLookup",
    "MetadataRelationship",
    "File",
];

impl Project {
    /// Reads all files that describe objects and fields; others are not looked at.
    ///
    /// # Errors
    /// Every problem of every file, with file and line.
    pub(super) fn read(files: &[SourceFile]) -> Result<Self, Vec<String>> {
        let mut project = Self::default();
        let mut problems = Vec::new();
        for file in files {
            let read = if file.path.ends_with(OBJECT_ENDING) {
                project.read_object(file)
            } else if file.path.ends_with(FIELD_ENDING) {
                project.read_field_file(file)
            } else {
                Ok(())
            };
            if let Err(problem) = read {
                problems.push(format!(
                    "{}:{}: {}",
                    file.path, problem.line, problem.message
                ));
            }
        }
        let is_empty = project.objects.is_empty()
            && project.fields.is_empty()
            && project.unsupported.is_empty();
        if problems.is_empty() && is_empty {
            problems.push(format!(
                "there is no *{OBJECT_ENDING} and no *{FIELD_ENDING} in the directory"
            ));
        }
        if problems.is_empty() {
            Ok(project)
        } else {
            Err(problems)
        }
    }

    fn read_object(&mut self, file: &SourceFile) -> Result<(), Problem> {
        let element = expect(&file.content, "CustomObject")?;
        let name = file_name(&file.path)
            .trim_end_matches(OBJECT_ENDING)
            .to_owned();
        // A file of a built-in object holds settings that do not exist here, and its fields.
        if name.ends_with("__c") {
            let spec = object_spec(name.clone(), &element)?;
            self.objects.push(sourced(file, element.line, spec));
        }
        let inline = element.children.iter().filter(|c| c.name == "fields");
        for field in inline {
            self.read_field(file, &name, field)?;
        }
        Ok(())
    }

    fn read_field_file(&mut self, file: &SourceFile) -> Result<(), Problem> {
        let element = expect(&file.content, "CustomField")?;
        let object = object_of(&file.path).ok_or_else(|| {
            element.problem("a field's file lies in objects/OBJECT/fields, and this one does not")
        })?;
        let object = object.to_owned();
        self.read_field(file, &object, &element)
    }

    fn read_field(
        &mut self,
        file: &SourceFile,
        object: &str,
        element: &Element,
    ) -> Result<(), Problem> {
        let name = element
            .text_of("fullName")
            .ok_or_else(|| element.problem("<fullName> is missing"))?;
        // Built-in fields are here already, and their settings are the catalogue's.
        if name.ends_with("__c") {
            if let Some((line, reason)) = unsupported(element) {
                let place = format!("{}:{line}", file.path);
                let name = format!("{object}.{name}");
                self.unsupported.push((name, format!("{place}: {reason}")));
                return Ok(());
            }
            let spec = field_spec(object, name, element)?;
            self.fields.push(sourced(file, element.line, spec));
        }
        Ok(())
    }

    /// Sets fields aside that are on, or point to, an object that is neither here nor in the
    /// project.
    pub(super) fn set_aside_strangers(&mut self, catalogue: &Catalogue) {
        let own: Vec<_> = self.objects.iter().map(|o| o.spec.name.clone()).collect();
        let is_here = |name: &str| {
            catalogue.object(name).is_some() || own.iter().any(|own| own.eq_ignore_ascii_case(name))
        };
        let fields = std::mem::take(&mut self.fields);
        for field in fields {
            let spec = &field.spec;
            let target = spec.reference_to.as_deref().unwrap_or(&spec.object);
            let stranger = [&*spec.object, target]
                .into_iter()
                .find(|name| !is_here(name));
            match stranger {
                None => self.fields.push(field),
                Some(stranger) => {
                    let name = format!("{}.{}", spec.object, spec.name);
                    let reason = format!("{}: there is no object {stranger}", field.place);
                    self.unsupported.push((name, reason));
                }
            }
        }
    }
}

fn sourced<T>(file: &SourceFile, line: usize, spec: T) -> Sourced<T> {
    Sourced {
        spec,
        place: format!("{}:{line}", file.path),
    }
}

fn expect(content: &str, name: &str) -> Result<Element, Problem> {
    let element = Element::read(content)?;
    if element.name == name {
        Ok(element)
    } else {
        Err(element.problem(format!("<{name}> is expected here, not <{}>", element.name)))
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `…/objects/Invoice__c/fields/Amount__c.field-meta.xml` is of `Invoice__c`.
fn object_of(path: &str) -> Option<&str> {
    let mut parts = path.rsplit('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some("fields"), Some(object)) => Some(object),
        _ => None,
    }
}

fn object_spec(name: String, element: &Element) -> Result<CustomObjectSpec, Problem> {
    let label = element
        .text_of("label")
        .ok_or_else(|| element.problem("<label> is missing"))?;
    let name_field = element.child("nameField");
    let numbered = name_field
        .and_then(|field| field.text_of("type"))
        .as_deref()
        == Some("AutoNumber");
    let format = name_field.and_then(|field| field.text_of("displayFormat"));
    Ok(CustomObjectSpec {
        name,
        plural: element
            .text_of("pluralLabel")
            .unwrap_or_else(|| format!("{label}s")),
        label,
        description: element.text_of("description"),
        sharing: element.text_of("sharingModel").and_then(sharing),
        name_label: name_field.and_then(|field| field.text_of("label")),
        auto_number: numbered.then(|| format.unwrap_or_else(|| "{0}".to_owned())),
    })
}

/// Sharing as it is here. What follows from a master-detail field is not said by itself, and the
/// two wider models differ only in what sharing rules may do.
fn sharing(model: String) -> Option<String> {
    match model.as_str() {
        "ControlledByParent" => None,
        "ReadWriteTransfer" | "FullAccess" => Some("ReadWrite".to_owned()),
        _ => Some(model),
    }
}

fn field_spec(object: &str, name: String, element: &Element) -> Result<CustomFieldSpec, Problem> {
    let kind = element
        .text_of("type")
        .ok_or_else(|| element.problem("<type> is missing"))?;
    let (choices, restricted, default_choice) = choices(element)?;
    // A default among several choices is a formula, which is not here.
    let default_choice = default_choice.filter(|_| kind == "Picklist");
    Ok(CustomFieldSpec {
        object: object.to_owned(),
        label: element
            .text_of("label")
            .ok_or_else(|| element.problem("<label> is missing"))?,
        name,
        kind,
        length: element.number("length")?,
        precision: element.number("precision")?,
        scale: element.number("scale")?,
        required: element.flag("required")?,
        unique: element.flag("unique")?,
        case_sensitive: element.flag("caseSensitive")?,
        external_id: element.flag("externalId")?,
        tracked: element.flag("trackHistory")?,
        default_value: element.text_of("defaultValue").or(default_choice),
        display_format: element.text_of("displayFormat"),
        choices,
        restricted,
        reference_to: element.text_of("referenceTo"),
        relationship_name: element.text_of("relationshipName"),
        delete_constraint: element.text_of("deleteConstraint"),
        help: element.text_of("inlineHelpText"),
        description: element.text_of("description"),
    })
}

/// Why a field cannot be here, with the line that says it.
fn unsupported(element: &Element) -> Option<(usize, String)> {
    if let Some(formula) = element.child("formula") {
        return Some((formula.line, "formula fields are not here".to_owned()));
    }
    let kind = element.child("type")?;
    let name = kind.text.trim();
    if UNSUPPORTED_TYPES.contains(&name) {
        return Some((kind.line, format!("fields of type {name} are not here")));
    }
    let global = element.child("valueSet")?.child("valueSetName")?;
    let reason = "global value sets are not here; write the values into the field";
    Some((global.line, reason.to_owned()))
}

type Choices = (Vec<(String, String)>, bool, Option<String>);

/// The values of a picklist, whether others are refused, and the default among them.
fn choices(element: &Element) -> Result<Choices, Problem> {
    let Some(set) = element.child("valueSet") else {
        return Ok((Vec::new(), false, None));
    };
    let mut choices = Vec::new();
    let mut default = None;
    let definition = set.child("valueSetDefinition");
    let values = definition.map_or(&[][..], |definition| &definition.children);
    for value in values.iter().filter(|child| child.name == "value") {
        let name = value
            .text_of("fullName")
            .ok_or_else(|| value.problem("<fullName> is missing"))?;
        if value.text_of("isActive").as_deref() == Some("false") {
            continue;
        }
        if value.flag("default")? {
            default = Some(name.clone());
        }
        let label = value.text_of("label").unwrap_or_else(|| name.clone());
        choices.push((name, label));
    }
    Ok((choices, set.flag("restricted")?, default))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content: &str) -> SourceFile {
        SourceFile {
            path: path.to_owned(),
            content: content.to_owned(),
        }
    }

    #[test]
    fn a_field_is_of_the_object_whose_folder_it_is_in() {
        let xml = "<CustomField xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n\
                   <fullName>Tier__c</fullName><label>Tier</label><type>Picklist</type>\n\
                   <valueSet><restricted>true</restricted><valueSetDefinition>\n\
                   <value><fullName>Gold</fullName><default>true</default><label>Gold!</label></value>\n\
                   <value><fullName>Tin</fullName><isActive>false</isActive></value>\n\
                   </valueSetDefinition></valueSet></CustomField>";
        let path = "main/default/objects/Account/fields/Tier__c.field-meta.xml";
        let project = Project::read(&[file(path, xml)]).unwrap();
        let spec = &project.fields[0].spec;
        assert_eq!(
            (spec.object.as_str(), spec.name.as_str()),
            ("Account", "Tier__c")
        );
        assert_eq!(spec.choices, [("Gold".to_owned(), "Gold!".to_owned())]);
        assert_eq!(spec.default_value.as_deref(), Some("Gold"));
        assert!(spec.restricted);
    }

    #[test]
    fn all_problems_are_told_with_file_and_line() {
        let files = [
            file(
                "objects/A__c/A__c.object-meta.xml",
                "<CustomObject>\n</CustomObject>",
            ),
            file(
                "objects/A__c/fields/B__c.field-meta.xml",
                "<CustomField>\n<fullName>B__c</fullName>\n<label>B</label>\n<type>Text</type>\n\
                 <length>long</length>\n</CustomField>",
            ),
        ];
        let problems = Project::read(&files).unwrap_err();
        assert_eq!(
            problems,
            [
                "objects/A__c/A__c.object-meta.xml:1: <label> is missing",
                "objects/A__c/fields/B__c.field-meta.xml:5: <length> is a number, not 'long'",
            ]
        );
    }

    #[test]
    fn a_folder_without_metadata_is_a_mistake() {
        assert!(Project::read(&[file("README.md", "# hello")]).is_err());
    }

    #[test]
    fn a_built_in_object_gives_only_its_custom_fields() {
        let xml = "<CustomObject><fields><fullName>Tier__c</fullName><label>T</label>\
                   <type>Checkbox</type><defaultValue>false</defaultValue></fields>\
                   <fields><fullName>Industry</fullName></fields></CustomObject>";
        let project =
            Project::read(&[file("objects/Account/Account.object-meta.xml", xml)]).unwrap();
        assert!(project.objects.is_empty());
        assert_eq!(project.fields.len(), 1);
    }
}
