"""How Django forms look: label, control, help and errors in one `.field-row`, tied together for screen readers."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """`{{ form }}` and `{{ form.field.as_field_group }}` in the product's look."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
