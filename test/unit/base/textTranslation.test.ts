import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textTranslator } from '../../../planner-core/base/textTranslation';

const translate = textTranslator({
  'gradients freed before the step/planner': '梯度已释放',
  'frozen: {0}/planner': '冻结：{0}',
  'everything/planner': '全部',
  'training, {0}/planner': '训练，{0}',
  'Dimension {0} is {1}; it was exported for {2}./planner': '{2} 是导出时的范围；维度 {0} 为 {1}。',
  'Dimension {0} is {1}./planner': '维度 {0} 为 {1}。',
  '{0} of {1}': 'a row of the view, not of the planner',
});

describe('the translation of what the planner says', () => {
  it('finds whole texts', () => {
    expect(translate('gradients freed before the step')).toBe('梯度已释放');
  });

  it('fills values into another order', () => {
    expect(translate('Dimension batch is 3; it was exported for 4 to 8.')).toBe(
      '4 to 8 是导出时的范围；维度 batch 为 3。',
    );
  });

  it('takes the text that says most', () => {
    expect(translate('Dimension batch is 3.')).toBe('维度 batch 为 3。');
  });

  it('translates values that are texts themselves', () => {
    expect(translate('training, frozen: everything')).toBe('训练，冻结：全部');
  });

  it('leaves what it does not know, and what only the view writes', () => {
    expect(translate('2 of 3')).toBe('2 of 3');
    expect(translate('Dimension batch')).toBe('Dimension batch');
  });

  it('says the same without rows', () => {
    expect(textTranslator({})('everything')).toBe('everything');
  });

  it('gives values back as they were', () => {
    const value = fc.stringMatching(/^[\w./()*+?$-]{1,12}$/);
    fc.assert(
      fc.property(value, value, (name, size) => {
        fc.pre(name !== 'everything' && size !== 'everything');
        expect(translate(`Dimension ${name} is ${size}; it was exported for ${size}.`)).toBe(
          `${size} 是导出时的范围；维度 ${name} 为 ${size}。`,
        );
      }),
    );
  });
});
